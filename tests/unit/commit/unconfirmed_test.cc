#include "commit/unconfirmed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace sluice::commit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnconfirmedBatchesTest, CountsFromTheFirstRequestUntilACommitCoversTheLastRecord) {
  UnconfirmedBatches batches;
  const auto first = batches.sent(499);
  const auto second = batches.sent(999);
  EXPECT_EQ(batches.count(), 2U);
  EXPECT_THAT(batches.covered_by(499, 0), IsEmpty())
      << "499 is the next offset to read: record 499 is not covered";
  EXPECT_THAT(batches.covered_by(500, 0), ElementsAre(first));
  EXPECT_EQ(batches.count(), 2U) << "no commit was confirmed yet";
  batches.confirmed({first}, 500);
  EXPECT_EQ(batches.count(), 1U);
  EXPECT_THAT(batches.covered_by(5000, 0), ElementsAre(second));
}

TEST(UnconfirmedBatchesTest, TheMetadataCoversOnlyWhatIsFinishedAndWhollyInIt) {
  UnconfirmedBatches batches;
  batches.sent(100);
  const auto finished = batches.sent(200);
  batches.finished(finished);
  EXPECT_THAT(batches.covered_by(0, 200), IsEmpty()) << "its last record was left out";
  EXPECT_THAT(batches.covered_by(0, std::numeric_limits<std::int64_t>::max()),
              ElementsAre(finished));
}

TEST(UnconfirmedBatchesTest, WhatFinishesAfterTheCommitWentOutIsNotCoveredByIt) {
  UnconfirmedBatches batches;
  const auto early = batches.sent(100);
  const auto late = batches.sent(200);
  batches.finished(early);
  const auto covered = batches.covered_by(0, 1000);
  batches.finished(late);
  batches.confirmed(covered, 0);
  EXPECT_EQ(batches.count(), 1U);
  EXPECT_THAT(batches.covered_by(0, 1000), ElementsAre(early, late));
}

TEST(UnconfirmedBatchesTest, WhatALaterCommitLeavesOutCountsAgainUntilOneHasIt) {
  UnconfirmedBatches batches;
  batches.finished(batches.sent(100));
  batches.finished(batches.sent(200));
  const auto confirm = [&](std::int64_t offset, std::int64_t covers_to) {
    batches.confirmed(batches.covered_by(offset, covers_to), offset);
    return batches.count();
  };
  EXPECT_EQ(confirm(0, 1000), 0U);
  EXPECT_EQ(confirm(0, 150), 1U) << "others below pushed it out of the metadata";
  EXPECT_EQ(confirm(0, 0), 2U);
  EXPECT_EQ(confirm(0, 1000), 0U);
  EXPECT_EQ(confirm(101, 150), 1U);
  EXPECT_EQ(confirm(201, 201), 0U);
  EXPECT_THAT(batches.covered_by(1000, 1000), IsEmpty()) << "below the offset they are forgotten";
}

TEST(UnconfirmedBatchesTest, TwoBatchesThatEndAtTheSameOffsetAreNotTakenForOneAnother) {
  UnconfirmedBatches batches;
  const auto first = batches.sent(100);
  batches.confirmed({first}, 101);
  const auto again = batches.sent(100);
  batches.finished(first);
  batches.confirmed({first}, 101);
  EXPECT_THAT(batches.covered_by(0, 1000), IsEmpty());
  EXPECT_EQ(batches.count(), 1U);
  EXPECT_NE(first, again);
}

}  // namespace
}  // namespace sluice::commit
