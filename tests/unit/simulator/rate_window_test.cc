#include "simulator/rate_window.h"

#include <gtest/gtest.h>

namespace sluice::simulator {
namespace {

using std::chrono::milliseconds;

constexpr Instant kStart{std::chrono::hours(1)};

TEST(RateWindowTest, TakesTheLimitAndNoMoreWithinASecond) {
  RateWindow window;
  EXPECT_TRUE(window.take(kStart, 2));
  EXPECT_TRUE(window.take(kStart + milliseconds(1), 2));
  EXPECT_FALSE(window.take(kStart + milliseconds(2), 2));
  EXPECT_FALSE(window.take(kStart + milliseconds(999), 2));
}

TEST(RateWindowTest, ARequestIsForgottenASecondAfterItCame) {
  RateWindow window;
  window.take(kStart, 2);
  window.take(kStart + milliseconds(600), 2);
  EXPECT_TRUE(window.take(kStart + milliseconds(1000), 2));
  EXPECT_FALSE(window.take(kStart + milliseconds(1599), 2)) << "two since 600 ms";
  EXPECT_TRUE(window.take(kStart + milliseconds(1600), 2));
}

TEST(RateWindowTest, WhatIsRefusedIsNotCounted) {
  RateWindow window;
  window.take(kStart, 1);
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(window.take(kStart + milliseconds(i), 1));
  EXPECT_TRUE(window.take(kStart + milliseconds(1000), 1));
}

TEST(RateWindowTest, ALowerLimitCountsWhatTheHigherOneLetPass) {
  RateWindow window;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(window.take(kStart, 1000));
  EXPECT_FALSE(window.take(kStart + milliseconds(500), 2));
  EXPECT_TRUE(window.take(kStart + milliseconds(1000), 2));
}

}  // namespace
}  // namespace sluice::simulator
