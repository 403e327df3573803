#include "pipeline/late_failure.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

constexpr bool kRead = true;
constexpr bool kNothingRead = false;

TEST(LateFailureTest, AFailureOfThePlaceThatWasLeftIsAnsweredByMovingAgain) {
  LateFailure late(1071);
  EXPECT_TRUE(late.move_again(1071, kNothingRead));
}

TEST(LateFailureTest, AFailureOfAnyOtherPlaceIsMeant) {
  LateFailure late(1071);
  EXPECT_FALSE(late.move_again(0, kNothingRead));
}

TEST(LateFailureTest, APartitionThatWasNeverMovedHasNoLateFailures) {
  EXPECT_FALSE(LateFailure().move_again(0, kNothingRead));
  EXPECT_FALSE(LateFailure(std::nullopt).move_again(0, kNothingRead))
      << "moved from a place that did not fail";
}

TEST(LateFailureTest, OnceItReadsAFailureThereIsMeant) {
  LateFailure late(1071);
  EXPECT_FALSE(late.move_again(1071, kRead)) << "the log was cut off again, up to there";
}

TEST(LateFailureTest, ItIsNotMovedForEver) {
  LateFailure late(1071);
  for (int i = 0; i < LateFailure::kMost; ++i) EXPECT_TRUE(late.move_again(1071, kNothingRead));
  EXPECT_FALSE(late.move_again(1071, kNothingRead));
}

}  // namespace
}  // namespace sluice::pipeline
