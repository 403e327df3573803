// Notices that a topic was deleted and made anew under a worker that reads it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/record.h"

namespace sluice::pipeline {

// A client that did not look in between goes on at the old place of the new log. The one trace:
// brokers delete a group's commits with the topic; the group's next commit covers that up. So after
// anything that could have kept the client from seeing it (doubt), a lane commits nothing until the
// brokers were seen to have its commit still. Pure; not thread-safe.
class TopicWatch {
 public:
  // Without doubt, too: a new log that ends where the old one did would never be read.
  static constexpr Duration kLookEvery = std::chrono::seconds(10);
  // After a look that failed, and between the two that have to find the same.
  static constexpr Duration kRetry = std::chrono::milliseconds(500);

  struct Look {
    std::vector<LaneId> lanes;
    std::uint64_t doubts = 0;  // so far: what comes later, it cannot settle
    bool at_once = false;      // for look_at()
  };

  // The broker has a commit of this lane. Lanes of which it has none leave no trace.
  void committed(LaneId lane) { lanes_.try_emplace(lane); }
  void forget(LaneId lane) { lanes_.erase(lane); }
  // Of every lane.
  void doubt();
  bool in_doubt() const;
  // In doubt, and not only of lanes whose commit the brokers refuse to tell: that may last.
  bool awaits_answer() const;
  bool may_commit(LaneId lane) const;

  // What to look at now, if anything; one result for each: answered() or failed().
  std::optional<Look> next_look(Instant now);
  // The same for these, beside any other: for a commit that cannot wait. Only settles doubt.
  Look look_at(std::vector<LaneId> lanes) const { return {std::move(lanes), doubts_, true}; }
  // `has`: whether the brokers have a commit of a lane, where they told. Returns the lanes whose
  // topic was made anew: two looks in a row found no commit.
  std::vector<LaneId> answered(const Look& look, const std::map<LaneId, bool>& has, Instant now);
  void failed(const Look& look, Instant now);
  // How many looks were answered.
  std::uint64_t answers() const { return answers_; }

 private:
  struct Lane {
    bool doubtful = false;
    bool missed = false;   // by the last look
    bool refused = false;  // the brokers told of others, and not of this one
  };
  static bool miss(Lane& lane);

  std::map<LaneId, Lane> lanes_;
  std::uint64_t doubts_ = 0;
  std::uint64_t answers_ = 0;
  bool looking_ = false;
  Instant next_look_{};   // without doubt
  Instant not_before_{};  // with it
};

}  // namespace sluice::pipeline
