#include "replay/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CatalogTest : public testing::Test {
 protected:
  void add(const Stored& stored) { catalog_.add(stored.partition, stored.view()); }
  void add_letter(std::int64_t at, std::int64_t of_offset, std::int64_t written_ms = 1'000) {
    Stored stored = letter_at({0, at}, {.offset = of_offset});
    stored.timestamp_ms = written_ms;
    add(stored);
  }
  void add_receipt(std::int64_t at, ReceiptKind kind, std::int64_t of_offset,
                   std::int64_t written_ms = 2'000) {
    const auto letter = read_letter(0, letter_at({0, at}, {.offset = of_offset}).view());
    Stored stored = receipt_at(at + 100, {kind, {0, at}, "run", "", letter->identity(), {}});
    stored.timestamp_ms = written_ms;
    add(stored);
  }
  std::vector<std::int64_t> planned(const Wish& wish = {}) const {
    std::vector<std::int64_t> offsets;
    for (const auto& planned : make_plan(catalog_, wish).letters) {
      offsets.push_back(planned.letter.place.offset);
    }
    return offsets;
  }

  Catalog catalog_{Filter{.pipelines = {"p"}}};
};

TEST_F(CatalogTest, KeepsTheLettersThatFitAndCountsWhatIsNone) {
  add_letter(1, 10);
  add(letter_at({0, 2}, {.pipeline = "q"}));
  add(Stored{});
  EXPECT_EQ(catalog_.letters().size(), 1U);
  EXPECT_EQ(catalog_.foreign(), 1U);
}

TEST_F(CatalogTest, TellsWhatBecameOfEachLetter) {
  for (std::int64_t i = 1; i <= 3; ++i) add_letter(i, i);
  add_receipt(1, ReceiptKind::begun, 1);
  add_receipt(2, ReceiptKind::begun, 2);
  add_receipt(2, ReceiptKind::done, 2);
  EXPECT_THAT(catalog_.states(),
              ElementsAre(LetterState::uncertain, LetterState::replayed, LetterState::waiting));
}

// Two pipelines that read one topic into one dead-letter topic.
TEST_F(CatalogTest, ALetterOfTheSameRecordFromAnotherPipelineHasReceiptsOfItsOwn) {
  Catalog both{Filter{.pipelines = {"p", "q"}}};
  const auto add_to = [&](const Stored& stored) { both.add(stored.partition, stored.view()); };
  add_to(letter_at({0, 1}, {.offset = 10, .pipeline = "p"}));
  add_to(letter_at({0, 2}, {.offset = 10, .pipeline = "q"}));
  const auto of_p = read_letter(0, letter_at({0, 1}, {.offset = 10, .pipeline = "p"}).view());
  add_to(receipt_at(3, {ReceiptKind::done, {0, 1}, "run", "", of_p->identity(), {}}));
  EXPECT_THAT(both.states(), ElementsAre(LetterState::replayed, LetterState::waiting));
}

TEST_F(CatalogTest, ASecondLetterOfARecordThatWasThereBeforeTheReplaySharesItsReceipts) {
  add_letter(1, 10, 1'000);
  add_letter(2, 10, 1'500);
  add_receipt(1, ReceiptKind::done, 10, 2'000);
  EXPECT_THAT(catalog_.states(), ElementsAre(LetterState::replayed, LetterState::replayed));
}

TEST_F(CatalogTest, ALetterOfARecordThatFailedAfterItsReplayWaits) {
  add_letter(1, 10, 1'000);
  add_receipt(1, ReceiptKind::done, 10, 2'000);
  add_letter(2, 10, 3'000);
  EXPECT_THAT(catalog_.states(), ElementsAre(LetterState::replayed, LetterState::waiting));
}

TEST_F(CatalogTest, AnotherRecordOfTheSamePlaceInATopicMadeAnewIsNoCopy) {
  add_letter(1, 10);
  Stored other = letter_at({0, 2}, {.offset = 10});
  other.timestamp_ms = 1'000;
  other.headers.push_back({"sluice.timestamp", "2026-01-01T00:00:00.000Z"});
  add(other);
  add_receipt(1, ReceiptKind::done, 10);
  EXPECT_THAT(catalog_.states(), ElementsAre(LetterState::replayed, LetterState::waiting));
  EXPECT_THAT(planned(), ElementsAre(2));
}

TEST_F(CatalogTest, AReplayLeavesWhatIsDoneAndWhatIsUncertain) {
  for (std::int64_t i = 1; i <= 3; ++i) add_letter(i, i);
  add_receipt(1, ReceiptKind::done, 1);
  add_receipt(2, ReceiptKind::begun, 2);
  const Plan plan = make_plan(catalog_, {});
  EXPECT_THAT(planned(), ElementsAre(3));
  EXPECT_EQ(plan.replayed, 1U);
  ASSERT_EQ(plan.unsure.size(), 1U);
  EXPECT_EQ(plan.unsure[0].place.offset, 2);
}

TEST_F(CatalogTest, AnUncertainLetterIsTakenOverFromTheReplayThatHasItWhereThatIsWished) {
  add_letter(1, 10);
  add_receipt(1, ReceiptKind::begun, 10);
  const Plan plan = make_plan(catalog_, {.uncertain = true});
  ASSERT_EQ(plan.letters.size(), 1U);
  EXPECT_EQ(plan.letters[0].after, "run");
  EXPECT_THAT(plan.unsure, IsEmpty());
}

TEST_F(CatalogTest, ARecordThatIsThereTwiceIsReplayedOnce) {
  add_letter(1, 10);
  add_letter(2, 11);
  add_letter(3, 10);
  EXPECT_THAT(planned(), ElementsAre(2, 3));
  EXPECT_EQ(make_plan(catalog_, {}).copies, 1U);
}

TEST_F(CatalogTest, WhatCameBackThreeTimesIsLeftUnlessForced) {
  for (int replays = 2; replays <= 3; ++replays) {
    Stored stored = letter_at({0, replays}, {.offset = replays});
    stored.headers.push_back({"sluice.replays", std::to_string(replays)});
    add(stored);
  }
  EXPECT_THAT(planned(), ElementsAre(2));
  EXPECT_EQ(make_plan(catalog_, {}).looping, 1U);
  EXPECT_THAT(planned({.force = true}), ElementsAre(2, 3));
}

TEST_F(CatalogTest, GoesByPlaceUpToTheLimit) {
  for (const std::int64_t at : {5, 3, 4}) add_letter(at, at);
  EXPECT_THAT(planned({.limit = 2}), ElementsAre(3, 4));
  EXPECT_EQ(make_plan(catalog_, {.limit = 2}).beyond_limit, 1U);
}

}  // namespace
}  // namespace sluice::replay
