// Replicas that keep one limit together, while partitions move between them.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "deliver/rate_budget.h"
#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Replicas {
 public:
  Replicas(const config::RateLimit& limit, std::size_t replicas, std::size_t partitions,
           std::uint64_t seed)
      : random_(seed), owners_(partitions, 0) {
    for (std::size_t i = 0; i < replicas; ++i) {
      budgets_.emplace_back(std::vector{limit}, 1, clock_.now());
    }
  }

  // Partitions are lost before they are gained; the time in between differs.
  void rebalance(Duration longest_pause) {
    std::vector<std::size_t> next(owners_.size());
    const std::size_t members = 1 + pick(budgets_.size());
    for (auto& owner : next) owner = pick(members);
    const auto kept = [&](std::size_t replica, std::size_t i) {
      return owners_[i] == replica && next[i] == replica;
    };
    for (std::size_t r = 0; r < budgets_.size(); ++r) {
      std::size_t held = 0;
      for (std::size_t i = 0; i < owners_.size(); ++i) held += kept(r, i) ? 1 : 0;
      budgets_[r].set_share(held, owners_.size(), clock_.now());
    }
    run(Duration(static_cast<Duration::rep>(static_cast<double>(longest_pause.count()) *
                                            random_.next_unit())));
    owners_ = next;
    for (std::size_t r = 0; r < budgets_.size(); ++r) {
      const auto held = std::count(owners_.begin(), owners_.end(), r);
      budgets_[r].set_share(static_cast<std::size_t>(held), owners_.size(), clock_.now());
      if (random_.next_unit() < 0.5) run(milliseconds(20));
    }
  }

  // Now and then nobody sends for a while, which fills the buckets.
  void pause_at_random() { pauses_ = true; }

  // Everybody sends whatever it may.
  void run(Duration how_long) {
    const Instant end = clock_.now() + how_long;
    while (clock_.now() < end) {
      if (pauses_ && random_.next_unit() < 0.001) silent_until_ = clock_.now() + milliseconds(400);
      for (auto& budget : budgets_) {
        while (clock_.now() >= silent_until_ && !budget.wait_for({1, 1}, {}, clock_.now())) {
          budget.take({1, 1});
          sent_.push_back(clock_.now());
        }
      }
      clock_.advance(milliseconds(1));
    }
  }

  // The most that any window of length `per` saw of all replicas together.
  std::size_t busiest(Duration per) const {
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < sent_.size(); ++last) {
      while (sent_[last] - sent_[first] >= per) ++first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }
  std::size_t sent() const { return sent_.size(); }

 private:
  std::size_t pick(std::size_t of) {
    return static_cast<std::size_t>(random_.next_unit() * static_cast<double>(of));
  }

  test::FakeClock clock_;
  SeededRandom random_;
  std::vector<RateBudget> budgets_;
  std::vector<std::size_t> owners_;
  std::vector<Instant> sent_;
  bool pauses_ = false;
  Instant silent_until_{};
};

config::RateLimit shared(std::uint64_t requests, Duration per) {
  config::RateLimit limit;
  limit.limit = requests;
  limit.per = per;
  limit.safety = 1;
  limit.share_by_group = true;
  return limit;
}

class RateSharingProperty : public testing::TestWithParam<std::uint64_t> {};

// Down to a limit of hardly a request for each partition.
TEST_P(RateSharingProperty, TogetherTheyKeepTheLimitInAnyWindowAcrossRebalances) {
  SeededRandom random(GetParam());
  const auto partitions = 1 + static_cast<std::size_t>(random.next_unit() * 24);
  const auto least = static_cast<double>(partitions + 1);
  const auto requests = static_cast<std::uint64_t>(
      least * (1 + (random.next_unit() < 0.5 ? 1 : 20) * random.next_unit()));
  const Duration per = seconds(2);
  Replicas replicas(shared(requests, per), 1 + GetParam() % 12, partitions, GetParam());
  if (random.next_unit() < 0.5) replicas.pause_at_random();
  for (int i = 0; i < 12; ++i) {
    replicas.rebalance(random.next_unit() < 0.3 ? Duration(seconds(3)) : milliseconds(50));
    replicas.run(Duration(static_cast<Duration::rep>(
        static_cast<double>(Duration(seconds(5)).count()) * random.next_unit())));
  }
  EXPECT_LE(replicas.busiest(per), requests);
  EXPECT_GT(replicas.sent(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RateSharingProperty, testing::Range<std::uint64_t>(0, 100));

// Each bucket holds a request at least: what many of them had, the one that gains all has to wait
// for.
TEST(RateSharingTest, WhoGainsEverythingWaitsForWhatManyOthersHad) {
  test::FakeClock clock;
  const auto limit = shared(20, seconds(2));
  std::vector<RateBudget> budgets(10, RateBudget({limit}, 1, clock.now()));
  for (auto& budget : budgets) budget.set_share(1, 10, clock.now());
  clock.advance(minutes(1));
  int sent = 0;
  for (auto& budget : budgets) {
    if (!budget.wait_for({1, 1}, {}, clock.now())) ++sent;
    budget.take({1, 1});
    budget.set_share(0, 10, clock.now());
  }
  EXPECT_EQ(sent, 10);
  budgets[0].set_share(10, 10, clock.now());
  for (const Instant end = clock.now() + seconds(2); clock.now() < end;) {
    clock.advance(milliseconds(1));
    if (budgets[0].wait_for({1, 1}, {}, clock.now())) continue;
    budgets[0].take({1, 1});
    ++sent;
  }
  EXPECT_LE(sent, 20);
  EXPECT_GE(sent, 17);
}

TEST(RateSharingTest, TwoReplicasUseThreeQuartersOfTheLimitTogether) {
  Replicas replicas(shared(1000, seconds(1)), 2, 4, 7);
  replicas.rebalance(milliseconds(1));
  replicas.run(seconds(20));
  EXPECT_GE(replicas.sent(), 20U * 750U);
}

TEST(RateSharingTest, ASmallLimitIsUsedWhereOneReplicaHoldsAll) {
  Replicas replicas(shared(20, seconds(1)), 1, 15, 7);
  replicas.rebalance(milliseconds(1));
  replicas.run(minutes(1));
  EXPECT_GE(replicas.sent(), 60U * 15U) << "however many partitions could be elsewhere";
}

}  // namespace
}  // namespace sluice::deliver
