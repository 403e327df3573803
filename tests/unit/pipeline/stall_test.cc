#include "pipeline/stall.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace sluice::pipeline {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class StallWatchTest : public testing::Test {
 protected:
  StallWatchTest() { watch.start(clock.now(), clock.wall_now()); }

  std::optional<Duration> update(StallReason reason, const char* detail = "") {
    return watch.update({reason, detail}, clock.now(), clock.wall_now());
  }

  test::FakeClock clock;
  StallWatch watch{StallReason::starting};
};

TEST_F(StallWatchTest, AChangeTellsHowLongTheReasonBeforeHeld) {
  clock.advance(seconds(3));
  EXPECT_EQ(update(StallReason::flowing), seconds(3));
  clock.advance(seconds(5));
  EXPECT_EQ(update(StallReason::kafka_error), seconds(5));
}

TEST_F(StallWatchTest, ANewDetailIsNoChangeButIsKept) {
  update(StallReason::kafka_error, "one");
  const WallTime since = watch.since();
  clock.advance(seconds(2));
  EXPECT_EQ(update(StallReason::kafka_error, "other"), std::nullopt);
  EXPECT_EQ(watch.current().detail, "other");
  EXPECT_EQ(watch.since(), since);
  clock.advance(seconds(2));
  EXPECT_EQ(update(StallReason::flowing), seconds(4));
}

TEST_F(StallWatchTest, WhatComesNextIsToldByTheWallClock) {
  watch.update({StallReason::breaker_open,
                "status 503",
                "one request tries again",
                clock.now() + seconds(30),
                {"sluice act retry p"}},
               clock.now(), clock.wall_now());
  const WallTime since = clock.wall_now();
  clock.advance(seconds(10));
  const auto shown = watch.condition(clock.now(), clock.wall_now());
  EXPECT_EQ(shown.reason, StallReason::breaker_open);
  EXPECT_EQ(shown.detail, "status 503");
  EXPECT_EQ(shown.since, since);
  EXPECT_EQ(shown.next, "one request tries again");
  EXPECT_EQ(shown.next_at, clock.wall_now() + seconds(20));
  EXPECT_EQ(shown.release, std::vector<std::string>{"sluice act retry p"});
}

TEST_F(StallWatchTest, AWallClockThatStepsChangesTheDateAndNoDuration) {
  for (const auto step : {hours(-1), hours(2)}) {
    update(StallReason::kafka_error);
    clock.advance(seconds(7));
    clock.set_wall(clock.wall_now() + step);
    EXPECT_EQ(update(StallReason::flowing), seconds(7));
    EXPECT_EQ(watch.since(), clock.wall_now());
  }
}

}  // namespace
}  // namespace sluice::pipeline
