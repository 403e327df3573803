#include "pipeline/waiting.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sluice::pipeline {
namespace {

using std::chrono::seconds;

const Instant kNow(std::chrono::hours(1));

TEST(Waiting, IsTheAgeOfTheOldestRecordWhereThatIsKnown) {
  Waiting waiting;
  EXPECT_EQ(waiting.age(), Duration::zero());
  EXPECT_EQ(waiting.update(seconds(84), true, kNow), seconds(84));
  EXPECT_EQ(waiting.update(seconds(85), true, kNow + seconds(1)), seconds(85));
  EXPECT_EQ(waiting.age(), seconds(85));
  EXPECT_EQ(waiting.update(std::nullopt, false, kNow + seconds(2)), Duration::zero());
}

TEST(Waiting, CountsFromWhenNothingIsKnownButThatSomethingWaits) {
  Waiting waiting;
  EXPECT_EQ(waiting.update(std::nullopt, true, kNow), Duration::zero());
  EXPECT_EQ(waiting.update(std::nullopt, true, kNow + seconds(5)), seconds(5));
  EXPECT_EQ(waiting.update(std::nullopt, false, kNow + seconds(6)), Duration::zero());
  EXPECT_EQ(waiting.update(std::nullopt, true, kNow + seconds(60)), Duration::zero());
}

TEST(Waiting, DoesNotCountTheTimeInWhichRecordsWereRead) {
  Waiting waiting;
  waiting.update(std::nullopt, true, kNow);
  waiting.update(seconds(1), true, kNow + seconds(10));
  EXPECT_EQ(waiting.update(std::nullopt, true, kNow + seconds(11)), Duration::zero());
}

TEST(ScalableLag, IsOfWhatFlowsOrLacksMemory) {
  EXPECT_EQ(scalable(42, StallReason::flowing), 42);
  EXPECT_EQ(scalable(42, StallReason::memory_full), 42);
  EXPECT_EQ(scalable(std::nullopt, StallReason::flowing), 0) << "it is not known";
  for (const StallReason reason : kAllStallReasons) {
    if (reason == StallReason::flowing || reason == StallReason::memory_full) continue;
    EXPECT_EQ(scalable(42, reason), 0) << to_string(reason);
  }
}

}  // namespace
}  // namespace sluice::pipeline
