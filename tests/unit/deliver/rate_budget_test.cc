#include "deliver/rate_budget.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

config::RateLimit limit(std::uint32_t requests, Duration per, double safety = 1) {
  return {requests, per, safety, 0.1};
}

// The most requests that any window of length `per` saw.
std::size_t busiest(const std::vector<Instant>& sent, Duration per) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= per) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

TEST(RateBudgetTest, WithoutLimitsEverythingPasses) {
  test::FakeClock clock;
  RateBudget budget({}, clock.now());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(budget.take(clock.now()), std::nullopt);
}

TEST(RateBudgetTest, StartsEmptyAndTellsWhenToAskAgain) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1))}, clock.now());
  const auto wait = budget.take(clock.now());
  ASSERT_TRUE(wait.has_value());
  clock.advance(*wait - clock.now());
  EXPECT_EQ(budget.take(clock.now()), std::nullopt);
}

TEST(RateBudgetTest, ALimitOfOneIsOneAWindow) {
  test::FakeClock clock;
  RateBudget budget({limit(1, seconds(10))}, clock.now());
  std::vector<Instant> sent;
  for (int i = 0; i < 1000; ++i) {
    if (!budget.take(clock.now())) sent.push_back(clock.now());
    clock.advance(milliseconds(100));
  }
  EXPECT_LE(busiest(sent, seconds(10)), 1U);
  EXPECT_GE(sent.size(), 9U);
}

TEST(RateBudgetTest, OneRefusalTakesNothingFromTheOtherBuckets) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1)), limit(60, minutes(1))}, clock.now());
  int passed = 0;
  for (int i = 0; i < 60'000; ++i) {
    passed += budget.take(clock.now()) ? 0 : 1;
    clock.advance(milliseconds(10));
  }
  EXPECT_GE(passed, 10 * 54 - 6) << "10 minutes at what refills in one";
}

class RateBudgetProperty : public testing::TestWithParam<std::uint64_t> {};

// However the requests come (bursts, pauses, steadily) no window sees more than its limit, and a
// caller that always wants to send gets at least three quarters of it at the default safety.
TEST_P(RateBudgetProperty, IsExactOverAnyWindow) {
  SeededRandom random(GetParam());
  const auto requests = 1 + static_cast<std::uint32_t>(random.next_unit() * 500);
  const Duration per = random.next_unit() < 0.5 ? Duration(seconds(1)) : Duration(minutes(1));
  test::FakeClock clock;
  RateBudget budget({limit(requests, per, 0.9)}, clock.now());
  std::vector<Instant> sent;
  const Instant end = clock.now() + 20 * per;
  while (clock.now() < end) {
    const auto wait = budget.take(clock.now());
    if (!wait) {
      sent.push_back(clock.now());
    } else if (random.next_unit() < 0.02) {
      clock.advance(Duration(
          static_cast<Duration::rep>(static_cast<double>(per.count()) * random.next_unit())));
    } else {
      clock.advance(*wait - clock.now());
    }
  }
  EXPECT_LE(busiest(sent, per), requests);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RateBudgetProperty, testing::Range<std::uint64_t>(0, 50));

TEST(RateBudgetTest, AGreedyCallerGetsThreeQuartersAtTheDefaults) {
  test::FakeClock clock;
  RateBudget budget({limit(1000, seconds(1), 0.9)}, clock.now());
  std::size_t sent = 0;
  const Instant end = clock.now() + seconds(20);
  while (clock.now() < end) {
    const auto wait = budget.take(clock.now());
    if (wait) {
      clock.advance(*wait - clock.now());
    } else {
      ++sent;
    }
  }
  EXPECT_GE(sent, 20U * 750U);
}

}  // namespace
}  // namespace sluice::deliver
