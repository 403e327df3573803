#include "deliver/suspicion.h"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using Next = Suspicion::Next;

class SuspicionTest : public testing::Test {
 protected:
  static constexpr Suspicion::Limits kLimits{3, 10, 5};

  Next batch_failed(bool neighbours) { return suspicion_.failed(false, neighbours, 0, kLimits); }
  Next record_failed(bool neighbours, std::uint32_t counted) {
    return suspicion_.failed(true, neighbours, counted, kLimits);
  }

  Suspicion suspicion_;
};

TEST_F(SuspicionTest, WithoutNeighboursABatchIsNeverSearched) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(batch_failed(false), Next::again);
  EXPECT_FALSE(suspicion_.blames_record());
}

TEST_F(SuspicionTest, FailuresThatNeighboursDoNotShareAreCounted) {
  EXPECT_EQ(batch_failed(true), Next::again);
  EXPECT_EQ(batch_failed(false), Next::again);
  EXPECT_EQ(batch_failed(true), Next::again);
  EXPECT_FALSE(suspicion_.blames_record());
  EXPECT_EQ(batch_failed(true), Next::narrow);
  EXPECT_TRUE(suspicion_.blames_record());
}

TEST_F(SuspicionTest, WhileItIsSearchedEveryFailureNarrows) {
  for (int i = 0; i < 3; ++i) batch_failed(true);
  EXPECT_EQ(batch_failed(false), Next::narrow);
  EXPECT_EQ(batch_failed(false), Next::narrow);
}

TEST_F(SuspicionTest, APartThatIsDeliveredTellsOfTheRest) {
  batch_failed(false);
  suspicion_.part_delivered();
  EXPECT_TRUE(suspicion_.blames_record());
  EXPECT_EQ(batch_failed(false), Next::narrow);
}

TEST_F(SuspicionTest, APartThatIsDeliveredAtOnceTellsNothing) {
  suspicion_.part_delivered();
  EXPECT_FALSE(suspicion_.blames_record());
  EXPECT_EQ(batch_failed(false), Next::again);
}

TEST_F(SuspicionTest, ARecordHasItsAttemptsAmongNeighbours) {
  for (std::uint32_t counted = 1; counted < 10; ++counted) {
    ASSERT_EQ(record_failed(true, counted), Next::again);
    EXPECT_TRUE(suspicion_.blames_record());
  }
  EXPECT_EQ(record_failed(true, 10), Next::exhausted);
}

TEST_F(SuspicionTest, AttemptsAreNotUsedUpWithoutANeighbour) {
  EXPECT_EQ(record_failed(false, 10), Next::again);
  EXPECT_EQ(record_failed(true, 11), Next::exhausted);
}

TEST_F(SuspicionTest, ARecordThatWasNeverSuspectWaitsWithItsTarget) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(record_failed(false, 0), Next::again);
  EXPECT_FALSE(suspicion_.blames_record());
}

TEST_F(SuspicionTest, ASuspectParksAfterFailuresInARowWithoutANeighbour) {
  EXPECT_EQ(record_failed(true, 1), Next::again);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(record_failed(false, 1), Next::again);
  EXPECT_EQ(record_failed(false, 1), Next::park);
  EXPECT_EQ(record_failed(false, 1), Next::park);
  EXPECT_EQ(record_failed(true, 2), Next::again) << "a neighbour tells again";
  EXPECT_EQ(record_failed(false, 2), Next::again);
}

TEST_F(SuspicionTest, UsedUpAttemptsParkWhereThatIsThePolicy) {
  const Suspicion::Limits limits{3, 2, 5, true};
  EXPECT_EQ(suspicion_.failed(true, true, 1, limits), Next::again);
  EXPECT_EQ(suspicion_.failed(true, true, 2, limits), Next::park);
  EXPECT_EQ(suspicion_.failed(true, true, 3, limits), Next::park);
  EXPECT_EQ(suspicion_.failed(true, false, 3, limits), Next::park);
}

TEST_F(SuspicionTest, WhatFollowsTheBadRecordHasNotFailed) {
  for (int i = 0; i < 3; ++i) batch_failed(true);
  suspicion_.clear();
  EXPECT_FALSE(suspicion_.blames_record());
  EXPECT_EQ(batch_failed(true), Next::again);
}

}  // namespace
}  // namespace sluice::deliver
