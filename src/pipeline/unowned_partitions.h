// Notices partitions that no member of the group reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/record.h"

namespace sluice::pipeline {

// What one look at a group between two rebalances shows.
struct GroupLook {
  std::vector<TopicPartition> unowned;  // of those we subscribe to
  std::size_t before_us = 0;            // members that notice the same and are to act first
};

// A static leader that comes back gets its old partitions without a rebalance, and librdkafka takes
// the partitions it then finds for those that were there before. What was added while it was down
// is nobody's, for good, unless somebody makes the group divide its partitions anew. Says when to
// look, and when that is due: in a whole group never, and else at most every kAgain, so that a
// group that cannot be helped is not kept from working.
class UnownedPartitions {
 public:
  // The first looks come soon: it is a restart that leaves partitions without an owner.
  static constexpr Duration kSoon = std::chrono::seconds(5);
  static constexpr std::uint32_t kSoonLooks = 3;
  // Later the leader's own look at its topics, every 30 s, has to have the time to help.
  static constexpr Duration kEvery = std::chrono::seconds(40);
  static constexpr Duration kAgain = std::chrono::minutes(10);

  // Called now and then by a member of a group. True: look now, then call seen().
  bool due(Instant now) {
    if (!next_) next_ = now + kSoon;
    if (looking_ || now < *next_) return false;
    looking_ = true;
    return true;
  }

  // What the look brought; nullopt: nothing to go by. Returns the partitions for whose sake we are
  // to make the group divide anew: those of which two looks in a row, and one more for each member
  // before us, found no owner.
  std::vector<TopicPartition> seen(const std::optional<GroupLook>& look, Instant now) {
    looking_ = false;
    next_ = now + (++looks_ < kSoonLooks ? kSoon : kEvery);
    std::map<TopicPartition, std::size_t> times;
    std::vector<TopicPartition> certain;
    if (look) {
      for (const auto& of : look->unowned) {
        const auto before = times_.find(of);
        const std::size_t now_times = before == times_.end() ? 1 : before->second + 1;
        times[of] = now_times;
        if (now_times >= 2 + look->before_us) certain.push_back(of);
      }
    }
    times_ = std::move(times);
    if (certain.empty() || now < not_before_) return {};
    not_before_ = now + kAgain;
    return certain;
  }

 private:
  std::optional<Instant> next_;
  bool looking_ = false;
  std::uint32_t looks_ = 0;
  std::map<TopicPartition, std::size_t> times_;  // in a row, of those that the last look found
  Instant not_before_ = Instant::min();
};

}  // namespace sluice::pipeline
