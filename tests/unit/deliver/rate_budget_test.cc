#include "deliver/rate_budget.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using config::RateUnit;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

config::RateLimit limit(std::uint64_t amount, Duration per, double safety = 1,
                        RateUnit unit = RateUnit::requests) {
  config::RateLimit limit;
  limit.unit = unit;
  limit.limit = amount;
  limit.per = per;
  limit.safety = safety;
  return limit;
}

struct Sent {
  Instant when;
  std::size_t amount;
};

// The most that any window of length `per` saw.
std::size_t busiest(const std::vector<Sent>& sent, Duration per) {
  std::size_t most = 0;
  std::size_t sum = 0;
  for (std::size_t first = 0, last = 0; last < sent.size(); ++last) {
    sum += sent[last].amount;
    while (sent[last].when - sent[first].when >= per) sum -= sent[first++].amount;
    most = std::max(most, sum);
  }
  return most;
}

// nullopt: it went.
std::optional<Instant> ask(RateBudget& budget, RequestSize request, Instant now) {
  const auto wait = budget.wait_for(request, {}, now);
  if (!wait) budget.take(request);
  return wait;
}

TEST(RateBudgetTest, WithoutLimitsEverythingPasses) {
  test::FakeClock clock;
  RateBudget budget({}, 1, clock.now());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(ask(budget, {1, 1}, clock.now()), std::nullopt);
  EXPECT_EQ(budget.largest().records, SIZE_MAX);
}

TEST(RateBudgetTest, StartsEmptyAndTellsWhenToAskAgain) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1))}, 1, clock.now());
  const auto wait = ask(budget, {1, 1}, clock.now());
  ASSERT_TRUE(wait.has_value());
  clock.advance(*wait - clock.now());
  EXPECT_EQ(ask(budget, {1, 1}, clock.now()), std::nullopt);
}

TEST(RateBudgetTest, ALimitOfOneIsOneAWindow) {
  test::FakeClock clock;
  RateBudget budget({limit(1, seconds(10))}, 1, clock.now());
  std::vector<Sent> sent;
  for (int i = 0; i < 1000; ++i) {
    if (!ask(budget, {1, 1}, clock.now())) sent.push_back({clock.now(), 1});
    clock.advance(milliseconds(100));
  }
  EXPECT_LE(busiest(sent, seconds(10)), 1U);
  EXPECT_GE(sent.size(), 9U);
}

TEST(RateBudgetTest, OneRefusalTakesNothingFromTheOtherBuckets) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1)), limit(60, minutes(1))}, 1, clock.now());
  int passed = 0;
  for (int i = 0; i < 60'000; ++i) {
    passed += ask(budget, {1, 1}, clock.now()) ? 0 : 1;
    clock.advance(milliseconds(10));
  }
  EXPECT_GE(passed, 10 * 54 - 6) << "10 minutes at what refills in one";
}

TEST(RateBudgetTest, LeavesEnoughForThoseAhead) {
  test::FakeClock clock;
  RateBudget budget({limit(100, seconds(1))}, 1, clock.now());
  clock.advance(seconds(1));  // ten tokens
  Demand ahead;
  for (int i = 0; i < 9; ++i) ahead.add({1, 1});
  EXPECT_FALSE(budget.wait_for({1, 1}, ahead, clock.now()));
  ahead.add({1, 1});
  const auto wait = budget.wait_for({1, 1}, ahead, clock.now());
  ASSERT_TRUE(wait.has_value());
  EXPECT_LT(*wait - clock.now(), milliseconds(20)) << "by then whoever is ahead has gone";
}

TEST(RateBudgetTest, SaysHowLargeARequestMayBe) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1), 0.9, RateUnit::records),
                     limit(100'000, seconds(1), 1, RateUnit::bytes)},
                    20'000, clock.now());
  EXPECT_EQ(budget.largest().records, 90U);
  EXPECT_EQ(budget.largest().bytes, 20'000U) << "a single record always fits";
  clock.advance(seconds(1));
  EXPECT_FALSE(ask(budget, {90, 20'000}, clock.now()));
  EXPECT_TRUE(ask(budget, {1, 1}, clock.now()));
}

TEST(RateBudgetTest, WithoutAPartOfTheGroupNothingGoes) {
  test::FakeClock clock;
  auto shared = limit(1000, seconds(1));
  shared.share_by_group = true;
  RateBudget budget({shared}, 1, clock.now());
  clock.advance(minutes(1));
  EXPECT_TRUE(ask(budget, {1, 1}, clock.now()));
  budget.set_share(2, 0, clock.now());
  clock.advance(minutes(1));
  EXPECT_TRUE(ask(budget, {1, 1}, clock.now())) << "of how many is not known";
  budget.set_share(2, 4, clock.now());
  EXPECT_TRUE(ask(budget, {1, 1}, clock.now())) << "a part that is gained brings no tokens";
  clock.advance(minutes(1));
  budget.set_share(1, 4, clock.now());
  int passed = 0;
  while (!ask(budget, {1, 1}, clock.now())) ++passed;
  EXPECT_EQ(passed, 25) << "of the 50 that were there";
  clock.advance(minutes(1));
  EXPECT_FALSE(ask(budget, {1, 1}, clock.now()));
  budget.set_share(0, 4, clock.now());
  EXPECT_TRUE(ask(budget, {1, 1}, clock.now())) << "one that is lost stops at once";
}

TEST(RateBudgetTest, WhatWasMadeForALargerPartGoesAndIsPaidOff) {
  test::FakeClock clock;
  auto shared = limit(1000, seconds(1), 1, RateUnit::records);
  shared.share_by_group = true;
  RateBudget budget({shared}, 1, clock.now());
  budget.set_share(4, 4, clock.now());
  const RequestSize made = budget.largest();
  budget.set_share(1, 4, clock.now());
  EXPECT_LT(budget.largest().records, made.records);
  clock.advance(seconds(10));
  EXPECT_FALSE(ask(budget, {made.records, 1}, clock.now()));
  const auto wait = ask(budget, {1, 1}, clock.now());
  ASSERT_TRUE(wait.has_value());
  EXPECT_GT(*wait - clock.now(), milliseconds(300)) << "75 records at 225 a second";
}

class RateBudgetProperty : public testing::TestWithParam<std::uint64_t> {};

// However the requests come (bursts, pauses, steadily) no window sees more than its limit.
TEST_P(RateBudgetProperty, IsExactOverAnyWindow) {
  SeededRandom random(GetParam());
  const auto unit = GetParam() % 2 == 0 ? RateUnit::requests : RateUnit::records;
  const auto amount = 1 + static_cast<std::uint64_t>(random.next_unit() * 500);
  const Duration per = random.next_unit() < 0.5 ? Duration(seconds(1)) : Duration(minutes(1));
  test::FakeClock clock;
  RateBudget budget({limit(amount, per, 0.9, unit)}, 1, clock.now());
  std::vector<Sent> sent;
  const Instant end = clock.now() + 20 * per;
  while (clock.now() < end) {
    const double most = std::min<double>(static_cast<double>(budget.largest().records), 100);
    const auto records = 1 + static_cast<std::size_t>(random.next_unit() * (most - 1));
    const auto wait = ask(budget, {records, 1}, clock.now());
    if (!wait) {
      sent.push_back({clock.now(), unit == RateUnit::requests ? 1 : records});
    } else if (random.next_unit() < 0.02) {
      clock.advance(Duration(
          static_cast<Duration::rep>(static_cast<double>(per.count()) * random.next_unit())));
    } else {
      clock.advance(*wait - clock.now());
    }
  }
  EXPECT_LE(busiest(sent, per), amount);
  EXPECT_FALSE(sent.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RateBudgetProperty, testing::Range<std::uint64_t>(0, 50));

TEST(RateBudgetTest, AGreedyCallerGetsThreeQuartersAtTheDefaults) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1), 0.9)}, 1, clock.now());
  std::size_t sent = 0;
  const Instant end = clock.now() + seconds(20);
  while (clock.now() < end) {
    const auto wait = ask(budget, {1, 1}, clock.now());
    if (wait) {
      clock.advance(*wait - clock.now());
    } else {
      ++sent;
    }
  }
  EXPECT_GE(sent, 20U * 750U);
}

TEST(RateBudgetUse, IsThePartOfTheLastWindowThatWent) {
  test::FakeClock clock;
  RateBudget budget({limit(100, seconds(10))}, 1, clock.now());
  const auto used = [&] { return budget.used(clock.now()).front(); };
  EXPECT_EQ(used(), 0);
  clock.advance(seconds(10));
  std::size_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    while (!ask(budget, {1, 1}, clock.now())) ++sent;
    clock.advance(milliseconds(100));
  }
  EXPECT_GE(sent, 95U);
  EXPECT_GT(used(), 0.95);
  clock.advance(seconds(5));
  EXPECT_NEAR(used(), 0.5, 0.1) << "half of it is longer ago";
  clock.advance(seconds(6));
  EXPECT_EQ(used(), 0);
}

TEST(RateBudgetUse, OfAPartThatThisProcessDoesNotHaveIsNone) {
  const test::FakeClock clock;
  config::RateLimit shared = limit(100, seconds(1));
  shared.share_by_group = true;
  RateBudget budget({shared}, 1, clock.now());
  EXPECT_EQ(budget.used(clock.now()).front(), 0);
}

}  // namespace
}  // namespace sluice::deliver
