// How many letters there are, of what kinds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "replay/catalog.h"

namespace sluice::replay {

enum class GroupBy : std::uint8_t { pipeline, reason, status, hour };
inline constexpr std::array kAllGroupBys{GroupBy::pipeline, GroupBy::reason, GroupBy::status,
                                         GroupBy::hour};
std::string_view to_string(GroupBy by);

struct LetterCounts {
  std::size_t letters = 0;
  std::size_t waiting = 0;
  std::size_t uncertain = 0;
  std::size_t replayed = 0;
  WallTime oldest = WallTime::max();  // of failed_at
  WallTime newest = WallTime::min();

  void add(const Letter& letter, LetterState state);
};

class Listing {
 public:
  explicit Listing(std::vector<GroupBy> by) : by_(std::move(by)) {}

  void add(const std::string& topic, const Catalog& catalog);

  const std::vector<GroupBy>& by() const { return by_; }
  const std::vector<std::string>& topics() const { return topics_; }
  // By what they have in common, in the order of by().
  const std::map<std::vector<std::string>, LetterCounts>& groups() const { return groups_; }
  const LetterCounts& total() const { return total_; }
  const std::vector<Letter>& uncertain() const { return uncertain_; }
  // Waiting letters that came back from as many replays as are allowed.
  std::size_t looping() const { return looping_; }
  // Records of the topics that no Sluice wrote.
  std::size_t foreign() const { return foreign_; }

  // A table, what stands out, and the next step. `file`: the configuration, for commands.
  std::string text(const std::string& file) const;

 private:
  std::string table() const;

  std::vector<GroupBy> by_;
  std::vector<std::string> topics_;
  std::map<std::vector<std::string>, LetterCounts> groups_;
  LetterCounts total_;
  std::vector<Letter> uncertain_;
  std::map<std::string, std::size_t> waiting_;  // by pipeline
  std::size_t looping_ = 0;
  std::size_t foreign_ = 0;
};

}  // namespace sluice::replay
