#include "deliver/concurrency.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConcurrencyTest : public testing::Test {
 protected:
  // A round trip of as many requests as may go, all of which succeed.
  void round(Concurrency& concurrency) {
    const std::size_t requests = concurrency.limit();
    concurrency.in_flight(requests);
    for (std::size_t i = 0; i < requests; ++i) concurrency.succeeded();
    clock_.advance(milliseconds(10));
  }
  void overload(Concurrency& concurrency) {
    clock_.advance(milliseconds(1));
    concurrency.overloaded(clock_.now(), clock_.now());
  }

  test::FakeClock clock_;
};

TEST_F(ConcurrencyTest, StartsAtMinAndDoublesWithEachRoundTripUpToMax) {
  Concurrency concurrency({2, 30, true});
  EXPECT_EQ(concurrency.limit(), 2U);
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 4U);
  round(concurrency);
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 16U);
  round(concurrency);
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 30U);
}

TEST_F(ConcurrencyTest, GrowsOnlyAsFarAsItIsMadeUseOf) {
  Concurrency concurrency({1, 100, true});
  for (int i = 0; i < 100; ++i) {
    concurrency.in_flight(3);
    concurrency.succeeded();
  }
  EXPECT_EQ(concurrency.limit(), 6U) << "twice as far";
  overload(concurrency);
  for (int i = 0; i < 100; ++i) {
    concurrency.in_flight(3);
    concurrency.succeeded();
  }
  EXPECT_EQ(concurrency.limit(), 4U) << "one more, where it is known to be too much at times";
}

TEST_F(ConcurrencyTest, HalvesOnceInARoundTripThenGrowsByOneInEach) {
  Concurrency concurrency({1, 16, true});
  for (int i = 0; i < 4; ++i) round(concurrency);
  ASSERT_EQ(concurrency.limit(), 16U);
  const Instant sent = clock_.now();
  clock_.advance(milliseconds(10));
  for (int i = 0; i < 16; ++i) concurrency.overloaded(sent, clock_.now());
  EXPECT_EQ(concurrency.limit(), 8U) << "they were all sent before it was known";
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 9U);
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 10U);
}

TEST_F(ConcurrencyTest, NeverGoesBelowMin) {
  Concurrency concurrency({3, 16, true});
  for (int i = 0; i < 10; ++i) overload(concurrency);
  EXPECT_EQ(concurrency.limit(), 3U);
}

TEST_F(ConcurrencyTest, AfterAnOutageItStartsAsAtTheBeginning) {
  Concurrency concurrency({1, 16, true});
  for (int i = 0; i < 5; ++i) overload(concurrency);
  concurrency.restart();
  EXPECT_EQ(concurrency.limit(), 1U);
  for (int i = 0; i < 4; ++i) round(concurrency);
  EXPECT_EQ(concurrency.limit(), 16U);
}

TEST_F(ConcurrencyTest, AfterAThrottleItRemembersWhereTheTargetHadTooMuch) {
  Concurrency concurrency({1, 16, true});
  for (int i = 0; i < 3; ++i) round(concurrency);
  ASSERT_EQ(concurrency.limit(), 8U);
  overload(concurrency);
  concurrency.slow_down();
  EXPECT_EQ(concurrency.limit(), 1U);
  for (int i = 0; i < 2; ++i) round(concurrency);
  EXPECT_EQ(concurrency.limit(), 4U);
  round(concurrency);
  EXPECT_EQ(concurrency.limit(), 5U);
}

TEST_F(ConcurrencyTest, WhatIsNotAdaptiveIsMaxButForTheRampAfterAnOutage) {
  Concurrency concurrency({1, 16, false});
  EXPECT_EQ(concurrency.limit(), 16U);
  overload(concurrency);
  EXPECT_EQ(concurrency.limit(), 16U);
  concurrency.restart();
  EXPECT_EQ(concurrency.limit(), 1U);
  for (int i = 0; i < 4; ++i) round(concurrency);
  EXPECT_EQ(concurrency.limit(), 16U);
}

}  // namespace
}  // namespace sluice::deliver
