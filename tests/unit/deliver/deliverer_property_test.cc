// Bad records of every kind, outages, lost answers, budgets and probes at random: what holds
// whatever the API does.
#include <array>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

class DelivererProperty : public DelivererHarness,
                          public testing::WithParamInterface<std::uint64_t> {
 protected:
  static constexpr LaneId kLanes = 4;
  static constexpr std::int64_t kPerLane = 200;

  DelivererProperty() {
    for (std::int64_t lane = 1; lane <= static_cast<std::int64_t>(kLanes); ++lane) {
      next_[static_cast<LaneId>(lane)] = 1000 * lane;
      for (std::int64_t i = 0; i < kPerLane; ++i) {
        constexpr std::array kBad{400, 413, 403, 500};
        if (chance(0.03)) bad_[1000 * lane + i] = kBad[below(kBad.size())];
      }
    }
  }

  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>(dice_.next_unit() * static_cast<double>(bound));
  }
  bool chance(double share) { return dice_.next_unit() < share; }

  // What every body that holds a bad record gets; others are taken, unless the API is down.
  Result api(const std::string& body) {
    if (down_) return chance(0.5) ? Result(answer(503)) : no_answer();
    for (const auto& [record, status] : bad_) {
      if (body.find(std::to_string(record)) != std::string::npos) return answer(status);
    }
    return answer(200);
  }

  void start_next_batches() {
    for (auto& [lane, next] : next_) {
      const std::int64_t end = 1000 * static_cast<std::int64_t>(lane) + kPerLane;
      if (next == end || !deliverer().idle(lane)) continue;
      const auto records =
          std::min<std::int64_t>(1 + static_cast<std::int64_t>(below(30)), end - next);
      start(lane, next, static_cast<int>(records));
      next += records;
    }
  }

  void turn() {
    if (chance(0.02)) down_ = !down_;
    if (!down_ && chance(0.5)) deliver_neighbour();
    admission_.next_is_small = chance(0.1);
    admission_.most = {chance(0.2) ? 1 + below(10) : SIZE_MAX, SIZE_MAX};
    start_next_batches();
    if (http_.sent.empty()) {
      wait();
      return;
    }
    std::swap(http_.sent.front(), http_.sent[below(http_.sent.size())]);
    const std::string body(http_.sent.front().second.body);
    reply(api(body));
  }

  bool done() {
    for (const auto& [lane, next] : next_) {
      const bool all = next == 1000 * static_cast<std::int64_t>(lane) + kPerLane;
      if (!all || !deliverer().idle(lane)) return false;
    }
    return true;
  }

  std::size_t exhausted() const {
    return static_cast<std::size_t>(std::count_if(
        sink_.causes.begin(), sink_.causes.end(),
        [](const auto& cause) { return cause.reason == DeadLetterReason::exhausted; }));
  }

  SeededRandom dice_{GetParam()};
  std::map<std::int64_t, int> bad_;  // record, status
  std::map<LaneId, std::int64_t> next_;
  bool down_ = false;
};

TEST_P(DelivererProperty, GoodRecordsAreDeliveredInOrderAndBadOnesDeadLettered) {
  for (int i = 0; i < 50'000 && !done(); ++i) turn();
  ASSERT_TRUE(done());
  EXPECT_TRUE(sink_.held_lanes.empty());
  for (LaneId lane = 1; lane <= kLanes; ++lane) {
    const auto first = 1000 * static_cast<std::int64_t>(lane);
    std::vector<std::int64_t> good;
    std::vector<std::int64_t> bad;
    for (std::int64_t record = first; record < first + kPerLane; ++record) {
      (bad_.count(record) > 0 ? bad : good).push_back(record);
    }
    EXPECT_EQ(sink_.offsets[lane], good);
    EXPECT_EQ(sink_.refusals[lane], bad);
  }
  EXPECT_EQ(admission_.taken + admission_.refused + exhausted(), kLanes * kPerLane);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DelivererProperty, testing::Range<std::uint64_t>(0, 30));

}  // namespace
}  // namespace sluice::deliver
