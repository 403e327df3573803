// The evidence by record: what became of each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fault/evidence.h"

namespace sluice::fault {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Fate {
  const Produced* record = nullptr;
  std::vector<const SeenBatch*> taken_in = {};  // in the order they came
  std::int64_t first_taken_ms = kNever;
  std::size_t first_taken_rank = 0;           // among the first takings of all records
  std::vector<std::int64_t> letters_ms = {};  // in the order of their log

  bool dead() const { return !letters_ms.empty(); }
  std::int64_t outcome_ms() const {
    return dead()
               ? std::min(first_taken_ms, *std::min_element(letters_ms.begin(), letters_ms.end()))
               : first_taken_ms;
  }
};

// Borrows the evidence.
class Records {
 public:
  explicit Records(const Evidence& evidence);

  const std::vector<Fate>& all() const { return fates_; }  // as produced
  const Fate* by_id(std::string_view id) const;
  // What stood there at that time: logs are cut off and topics made anew.
  const Fate* at(std::int32_t partition, std::int64_t offset, std::int64_t time_ms) const;
  // Kafka does not have it any more.
  bool gone(const Fate& fate) const;

 private:
  void add_taking(const SeenBatch& batch);
  void rank_takings();
  using Place = std::pair<std::int32_t, std::int64_t>;

  const Evidence& evidence_;
  std::vector<Fate> fates_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::map<Place, std::vector<std::size_t>> by_place_;  // in the order of time
};

}  // namespace sluice::fault
