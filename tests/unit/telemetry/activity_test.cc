#include "telemetry/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class ActivityTest : public testing::Test {
 protected:
  // Does `each` once a second, as workers publish.
  template <typename Each>
  void run_for(seconds time, const Each& each, std::optional<std::int64_t> lag = std::nullopt) {
    for (seconds passed{0}; passed < time; passed += seconds(1)) {
      each();
      clock_.advance(seconds(1));
      activity_.roll(clock_.now(), lag);
    }
  }
  void run_for(seconds time) {
    run_for(time, [] {});
  }

  void SetUp() override { activity_.roll(clock_.now(), std::nullopt); }

  test::FakeClock clock_;
  Activity activity_;
};

TEST_F(ActivityTest, RatesAreOfTheLastTenSeconds) {
  run_for(seconds(20), [&] {
    activity_.delivered(100);
    activity_.request_finished(milliseconds(10), 2000);
  });
  EXPECT_DOUBLE_EQ(activity_.summary().records_per_second, 100);
  EXPECT_DOUBLE_EQ(activity_.summary().requests_per_second, 1);
  EXPECT_DOUBLE_EQ(activity_.summary().bytes_per_second, 2000);
  run_for(seconds(5));
  EXPECT_DOUBLE_EQ(activity_.summary().records_per_second, 50);
  run_for(seconds(5));
  EXPECT_DOUBLE_EQ(activity_.summary().records_per_second, 0);
}

TEST_F(ActivityTest, BeforeTheFirstSecondNothingIsDividedByNothing) {
  activity_.delivered(5);
  EXPECT_DOUBLE_EQ(activity_.summary().records_per_second, 0);
  EXPECT_THAT(activity_.history(), IsEmpty());
}

TEST_F(ActivityTest, QuantilesAreOfTheLastMinuteAndOffByAFifthAtMost) {
  EXPECT_EQ(activity_.summary().delivery_age.p50, std::nullopt);
  run_for(seconds(50), [&] {
    for (int i = 0; i < 98; ++i) activity_.batch_delivered(milliseconds(40));
    for (int i = 0; i < 2; ++i) activity_.batch_delivered(seconds(3));
  });
  EXPECT_THAT(*activity_.summary().delivery_age.p50, DoubleNear(0.04, 0.008));
  EXPECT_THAT(*activity_.summary().delivery_age.p99, DoubleNear(3, 0.6));
  run_for(seconds(61));
  EXPECT_EQ(activity_.summary().delivery_age.p99, std::nullopt);
}

TEST_F(ActivityTest, WhatJustHappenedCountsForQuantilesAtOnce) {
  activity_.request_finished(milliseconds(250), 1);
  EXPECT_THAT(*activity_.summary().request_seconds.p50, DoubleNear(0.25, 0.05));
}

TEST_F(ActivityTest, AnyDurationHasAClass) {
  for (const Duration age : {Duration(-5), Duration(0), Duration(nanoseconds(1)),
                             Duration(hours(24)), Duration(hours(24 * 3650))}) {
    activity_.batch_delivered(age);
  }
  EXPECT_THAT(*activity_.summary().delivery_age.p50, DoubleNear(1e-4, 1e-5));
  EXPECT_GT(*activity_.summary().delivery_age.p99, 3600.0 * 20);
}

TEST_F(ActivityTest, TheHistoryHasAPointEveryFiveSecondsForTenMinutes) {
  run_for(seconds(5), [&] { activity_.delivered(10); }, 7);
  run_for(seconds(5), [&] { activity_.batch_delivered(seconds(1)); }, 3);
  const auto points = activity_.history();
  ASSERT_THAT(points, SizeIs(2));
  EXPECT_DOUBLE_EQ(points[0].records_per_second, 10);
  EXPECT_EQ(points[0].lag, 7);
  EXPECT_EQ(points[0].delivery_age.p50, std::nullopt);
  EXPECT_DOUBLE_EQ(points[1].records_per_second, 0);
  EXPECT_THAT(*points[1].delivery_age.p50, DoubleNear(1, 0.2));
  run_for(minutes(20));
  EXPECT_THAT(activity_.history(), SizeIs(Activity::kPoints));
}

TEST_F(ActivityTest, TimeWithoutARollIsFlatInTheHistory) {
  run_for(seconds(5), [&] { activity_.delivered(10); });
  clock_.advance(seconds(20));
  activity_.delivered(200);
  activity_.roll(clock_.now(), 1);
  std::vector<double> rates;
  for (const auto& point : activity_.history()) rates.push_back(point.records_per_second);
  EXPECT_THAT(rates, ElementsAre(10, 0, 0, 0, 10));
}

TEST_F(ActivityTest, DeadLettersAreCountedByReasonSinceTheStart) {
  activity_.dead_lettered(DeadLetterReason::schema);
  activity_.dead_lettered(DeadLetterReason::rejected);
  activity_.dead_lettered(DeadLetterReason::schema);
  run_for(minutes(5));
  EXPECT_THAT(activity_.summary().dead_letters,
              ElementsAre(Pair("rejected", 1), Pair("schema", 2)));
}

}  // namespace
}  // namespace sluice::telemetry
