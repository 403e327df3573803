#include "replay/receipt.h"

#include <gtest/gtest.h>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

constexpr Place kLetter{0, 17};

class ReceiptBookTest : public testing::Test {
 protected:
  void note(ReceiptKind kind, const std::string& run, const std::string& after = "") {
    book_.note({kind, kLetter, run, after, "record", kFailedAt});
  }
  LetterState state() const { return book_.of(kLetter).state; }
  std::string run() const { return book_.of(kLetter).run; }

  ReceiptBook book_;
};

TEST(ReceiptTest, ReadsWhatItWrites) {
  const Stored stored =
      receipt_at(20, {ReceiptKind::begun, kLetter, "run", "before", "events/2/7@", {}});
  const auto receipt = read_receipt(stored.view());
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->kind, ReceiptKind::begun);
  EXPECT_EQ(receipt->letter, kLetter);
  EXPECT_EQ(receipt->run, "run");
  EXPECT_EQ(receipt->after, "before");
  EXPECT_EQ(receipt->record, "events/2/7@");
  EXPECT_EQ(receipt->written, kFailedAt);
}

TEST(ReceiptTest, IsNoLetterAndALetterIsNone) {
  EXPECT_EQ(read_receipt(letter_at(kLetter).view()), std::nullopt);
  const Stored receipt = receipt_at(20, {ReceiptKind::done, kLetter, "run", "", "r", {}});
  EXPECT_EQ(read_letter(0, receipt.view()), std::nullopt);
}

TEST_F(ReceiptBookTest, ALetterWaitsUntilAReplayBegins) {
  EXPECT_EQ(state(), LetterState::waiting);
  note(ReceiptKind::begun, "a");
  EXPECT_EQ(state(), LetterState::uncertain);
  EXPECT_EQ(run(), "a");
  note(ReceiptKind::done, "a");
  EXPECT_EQ(state(), LetterState::replayed);
}

TEST_F(ReceiptBookTest, OfTwoThatBeginAtOnceTheFirstOneHasIt) {
  note(ReceiptKind::begun, "a");
  note(ReceiptKind::begun, "b");
  EXPECT_EQ(run(), "a");
}

TEST_F(ReceiptBookTest, OfTwoThatTakeOverTheFirstOneHasIt) {
  note(ReceiptKind::begun, "killed");
  note(ReceiptKind::begun, "a", "killed");
  note(ReceiptKind::begun, "b", "killed");
  EXPECT_EQ(run(), "a");
}

TEST_F(ReceiptBookTest, WhatWasNotSentWaitsAgain) {
  note(ReceiptKind::begun, "a");
  note(ReceiptKind::not_sent, "a");
  EXPECT_EQ(state(), LetterState::waiting);
  note(ReceiptKind::begun, "b");
  EXPECT_EQ(run(), "b");
}

TEST_F(ReceiptBookTest, ALoserGivesNothingBack) {
  note(ReceiptKind::begun, "a");
  note(ReceiptKind::not_sent, "b");
  EXPECT_EQ(run(), "a");
}

TEST_F(ReceiptBookTest, NothingUndoesDone) {
  note(ReceiptKind::done, "a");
  note(ReceiptKind::not_sent, "a");
  note(ReceiptKind::begun, "b", "a");
  EXPECT_EQ(state(), LetterState::replayed);
}

}  // namespace
}  // namespace sluice::replay
