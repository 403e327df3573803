#include "pipeline/late_failure.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

TEST(LateFailureTest, AFailureOfThePlaceThatWasLeftIsAnsweredByMovingAgain) {
  LateFailure late(1071, 0);
  EXPECT_TRUE(late.move_again(1071, 0));
}

TEST(LateFailureTest, AFailureOfAnyOtherPlaceIsMeant) {
  LateFailure late(1071, 0);
  EXPECT_FALSE(late.move_again(0, 0));
}

TEST(LateFailureTest, APartitionThatWasNeverMovedHasNoLateFailures) {
  EXPECT_FALSE(LateFailure().move_again(0, 0));
  EXPECT_FALSE(LateFailure(std::nullopt, 0).move_again(0, 0)) << "moved from a place that was good";
}

TEST(LateFailureTest, OnceItReadsAFailureThereIsMeant) {
  LateFailure late(1071, 0);
  EXPECT_FALSE(late.move_again(1071, 1071)) << "the log was cut off again, up to there";
}

TEST(LateFailureTest, ItIsNotMovedForEver) {
  LateFailure late(1071, 0);
  for (int i = 0; i < LateFailure::kMost; ++i) EXPECT_TRUE(late.move_again(1071, 0));
  EXPECT_FALSE(late.move_again(1071, 0));
}

}  // namespace
}  // namespace sluice::pipeline
