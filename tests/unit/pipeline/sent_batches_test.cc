#include "pipeline/sent_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SentBatchesTest, ABatchCountsUntilACommitThatCoversItIsConfirmed) {
  SentBatches sent;
  const auto batch = sent.sent(9);
  EXPECT_EQ(sent.unconfirmed(), 1U);
  sent.answered(batch);
  EXPECT_THAT(sent.covered_by(9, 0), IsEmpty()) << "offset 9 is not committed yet";
  const auto covered = sent.covered_by(10, 0);
  EXPECT_THAT(covered, ElementsAre(batch));
  EXPECT_EQ(sent.unconfirmed(), 1U) << "not before the broker confirms";
  sent.confirmed(covered, 10);
  EXPECT_EQ(sent.unconfirmed(), 0U);
}

TEST(SentBatchesTest, OneThatFinishedAheadIsCoveredByTheMetadata) {
  SentBatches sent;
  sent.sent(9);
  const auto ahead = sent.sent(19);
  EXPECT_THAT(sent.covered_by(0, 100), IsEmpty());
  sent.answered(ahead);
  EXPECT_THAT(sent.covered_by(0, 19), IsEmpty()) << "its last record is not in the metadata";
  EXPECT_THAT(sent.covered_by(0, 20), ElementsAre(ahead));
}

TEST(SentBatchesTest, ItIsNotFinishedBeforeItsDeadLettersAreConfirmed) {
  SentBatches sent;
  const auto batch = sent.sent(9);
  sent.letter(batch, 3);
  sent.letter(batch, 4);
  sent.answered(batch);
  sent.letter_confirmed(3);
  EXPECT_THAT(sent.covered_by(0, 100), IsEmpty());
  sent.letter_confirmed(4);
  EXPECT_THAT(sent.covered_by(0, 100), ElementsAre(batch));
}

TEST(SentBatchesTest, DeadLettersMayBeConfirmedBeforeTheLastAnswer) {
  SentBatches sent;
  const auto batch = sent.sent(9);
  sent.letter(batch, 3);
  sent.letter_confirmed(3);
  EXPECT_THAT(sent.covered_by(0, 100), IsEmpty());
  sent.answered(batch);
  EXPECT_THAT(sent.covered_by(0, 100), ElementsAre(batch));
}

TEST(SentBatchesTest, ALetterOfARecordThatWasNeverSentIsNobodys) {
  SentBatches sent;
  const auto batch = sent.sent(9);
  sent.letter_confirmed(1);
  EXPECT_THAT(sent.covered_by(0, 100), IsEmpty());
  sent.answered(batch);
  EXPECT_THAT(sent.covered_by(0, 100), ElementsAre(batch));
}

TEST(SentBatchesTest, OneThatIsSetAsideCountsOnceItGoesOn) {
  SentBatches sent;
  const auto aside = sent.sent(9);
  const auto other = sent.sent(19);
  sent.set_aside(aside, true);
  EXPECT_EQ(sent.unconfirmed(), 1U);
  sent.answered(other);
  sent.confirmed(sent.covered_by(0, 20), 0);
  EXPECT_EQ(sent.unconfirmed(), 0U) << "the metadata covers it";
  sent.set_aside(aside, false);
  EXPECT_EQ(sent.unconfirmed(), 1U);
}

}  // namespace
}  // namespace sluice::pipeline
