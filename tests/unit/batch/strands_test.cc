// One strand, or what holds for each of many: when batches close, and when reading on can wait.
#include "batch/strands.h"

#include "unit/batch/strands_harness.h"

namespace sluice::batch {
namespace {

using std::chrono::milliseconds;

class StrandsTest : public StrandsHarness {};

TEST_F(StrandsTest, GivesOutBatchesInTheOrderOfTheirRecords) {
  auto strands = make(one_strand(2));
  for (const char* record : {"1", "2", "3", "4", "5"}) add(strands, record);
  EXPECT_EQ(strands.closed(), 2U);
  EXPECT_EQ(take(strands), "[1,2]");
  EXPECT_EQ(take(strands), "[3,4]");
  EXPECT_EQ(strands.take_next(), nullptr) << "5 is still open";
}

TEST_F(StrandsTest, OneBatchOfAStrandIsUnderWayAtATime) {
  auto strands = make(one_strand(1));
  add(strands, "1");
  add(strands, "2");
  const auto first = strands.take_next();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(strands.take_next(), nullptr);
  EXPECT_EQ(strands.closed(), 1U);
  strands.finished(*first);
  EXPECT_EQ(take(strands), "[2]");
}

TEST_F(StrandsTest, LingersFromTheFirstRecordNotTheLast) {
  auto strands = make(one_strand(100));
  EXPECT_EQ(strands.deadline(), std::nullopt);
  add(strands, "1");
  EXPECT_EQ(strands.deadline(), clock_.now() + kLinger);
  pass(strands, milliseconds(99));
  add(strands, "2");
  strands.close_due(clock_.now());
  EXPECT_EQ(strands.closed(), 0U);
  pass(strands, milliseconds(1));
  EXPECT_EQ(strands.deadline(), std::nullopt);
  const auto batch = strands.take_next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->closed_by, CloseReason::linger);
  EXPECT_EQ(body(batch), "[1,2]");
}

TEST_F(StrandsTest, TheNextBatchLingersByItself) {
  auto strands = make(one_strand(2));
  add(strands, "1");
  pass(strands, milliseconds(60));
  add(strands, "2");
  add(strands, "3");
  EXPECT_EQ(strands.deadline(), clock_.now() + kLinger);
  EXPECT_EQ(take(strands), "[1,2]");
  pass(strands, milliseconds(99));
  EXPECT_EQ(strands.closed(), 0U);
  pass(strands, milliseconds(1));
  EXPECT_EQ(take(strands), "[3]");
}

TEST_F(StrandsTest, BehindABatchUnderWayTheOpenOneGoesOnFilling) {
  auto strands = make(one_strand(3));
  add(strands, "1");
  pass(strands, kLinger);
  const auto first = strands.take_next();
  ASSERT_NE(first, nullptr);
  add(strands, "2");
  pass(strands, 10 * kLinger);
  EXPECT_EQ(strands.closed(), 0U) << "it could not go yet";
  EXPECT_EQ(strands.deadline(), std::nullopt) << "nor does time change that";
  add(strands, "3");
  strands.finished(*first);
  const auto second = strands.take_next();
  ASSERT_NE(second, nullptr) << "its linger was over long ago";
  EXPECT_EQ(second->closed_by, CloseReason::linger);
  EXPECT_EQ(body(second), "[2,3]");
}

TEST_F(StrandsTest, BehindAFinishedBatchTheOpenOneStillHasItsLinger) {
  auto strands = make(one_strand(3));
  add(strands, "1");
  pass(strands, kLinger);
  const auto first = strands.take_next();
  add(strands, "2");
  pass(strands, milliseconds(50));
  strands.finished(*first);
  EXPECT_EQ(strands.closed(), 0U);
  pass(strands, milliseconds(50));
  EXPECT_EQ(take(strands), "[2]");
}

TEST_F(StrandsTest, ABatchThatFilledUpBehindAnotherLeavesNoHurryToTheNext) {
  auto strands = make(one_strand(2));
  add(strands, "1");
  add(strands, "2");
  const auto first = strands.take_next();
  add(strands, "3");
  pass(strands, kLinger);
  add(strands, "4");  // fills it
  add(strands, "5");
  strands.finished(*first);
  EXPECT_EQ(take(strands), "[3,4]");
  EXPECT_EQ(strands.closed(), 0U) << "5 just came";
  EXPECT_EQ(strands.deadline(), clock_.now() + kLinger);
}

TEST_F(StrandsTest, ARecordThatIsRejectedIsNowhere) {
  auto strands = make(one_strand(3));
  add(strands, "1");
  const auto rejected = add(strands, "{oops");
  ASSERT_TRUE(std::holds_alternative<codec::Rejection>(rejected));
  EXPECT_EQ(std::get<codec::Rejection>(rejected).reason, DeadLetterReason::not_json);
  add(strands, "2");
  EXPECT_TRUE(std::holds_alternative<Added>(add(strands, "3")));
  EXPECT_EQ(take(strands), "[1,2,3]");
}

TEST_F(StrandsTest, WithNothingButRejectedRecordsThereIsNoBatch) {
  auto strands = make(one_strand(3));
  add(strands, "nope");
  EXPECT_EQ(strands.deadline(), std::nullopt);
  pass(strands, kLinger);
  EXPECT_EQ(strands.closed(), 0U);
}

TEST_F(StrandsTest, ARecordThatIsTooLargeIsRejectedBeforeItIsCopied) {
  auto strands = make(one_strand(3));
  const auto rejected = add(strands, std::string(1001, '1'));
  EXPECT_EQ(std::get<codec::Rejection>(rejected).reason, DeadLetterReason::too_large);
  EXPECT_EQ(meter_.used(), 0U);
}

TEST_F(StrandsTest, SkipsNullsByPolicy) {
  codec::RecordCodec skips(1000, codec::NullPolicy::skip, nullptr);
  Strands strands({"events", 0}, one_strand(2), skips, plain_, pool_);
  const auto result = add(strands, test::TestRecord{0, std::nullopt, std::nullopt, {}, -1});
  EXPECT_TRUE(std::holds_alternative<codec::Skipped>(result));
  EXPECT_EQ(strands.deadline(), std::nullopt);
}

TEST_F(StrandsTest, UsesReturnedBatchesAgain) {
  auto strands = make(one_strand(1));
  add(strands, "1");
  auto batch = strands.take_next();
  const Batch* address = batch.get();
  strands.finished(*batch);
  pool_.give_back(std::move(batch));
  add(strands, "2");
  batch = strands.take_next();
  EXPECT_EQ(batch.get(), address);
  EXPECT_EQ(body(batch), "[2]");
}

TEST_F(StrandsTest, GivesBackTheMemoryOfWhatItHolds) {
  {
    auto strands = make(one_strand(1));
    for (int i = 0; i < 10; ++i) add(strands, std::string(500, '1'));
    EXPECT_GE(meter_.used(), 5000U);
  }
  EXPECT_EQ(meter_.used(), 0U);
}

TEST_F(StrandsTest, SmallClosedBatchesAreEnoughOnlyTogether) {
  auto strands = make(one_strand(3, 100'000));
  for (int i = 0; i < 498; ++i) {
    EXPECT_FALSE(strands.hold_enough()) << i;
    add(strands, "1");
  }
  EXPECT_FALSE(strands.hold_enough()) << "498 records";
  for (int i = 0; i < 3; ++i) add(strands, "1");
  EXPECT_TRUE(strands.hold_enough()) << "501 records";
  take(strands);
  EXPECT_FALSE(strands.hold_enough());
}

TEST_F(StrandsTest, LargeClosedBatchesAreEnoughOnceOneCanWaitBehindAnother) {
  auto strands = make(one_strand(100, 10));
  add(strands, "12345678");
  EXPECT_FALSE(strands.hold_enough());
  add(strands, "12345678");
  EXPECT_TRUE(strands.hold_enough());
}

TEST_F(StrandsTest, ReadsOnOnlyWhenNothingWaitsAnyMore) {
  auto strands = make(one_strand(1));
  EXPECT_TRUE(strands.hold_little());
  add(strands, "1");
  EXPECT_FALSE(strands.hold_little());
  take(strands);
  EXPECT_TRUE(strands.hold_little());
}

TEST_F(StrandsTest, ManyStrandsHaveEnoughForAllThatMayGoAtOnce) {
  auto strands = make(by_key(4, 500));
  const auto add_batches = [&](int batches) {
    for (int i = 0; i < 500 * batches; ++i) add(strands, "1", "key");
  };
  add_batches(3);
  EXPECT_FALSE(strands.hold_enough());
  EXPECT_FALSE(strands.hold_little());
  add_batches(2);
  EXPECT_TRUE(strands.hold_enough());
  for (int i = 0; i < 3; ++i) take(strands);
  EXPECT_FALSE(strands.hold_little()) << "half of it: wide apart, so that pauses are rare";
  take(strands);
  EXPECT_TRUE(strands.hold_little());
}

TEST_F(StrandsTest, WhatAStrandThatStandsStillHoldsIsNoSupply) {
  auto strands = make(by_key(2, 500));
  const auto add_batches = [&](int batches) {
    for (int i = 0; i < 500 * batches; ++i) add(strands, "1", "key");
  };
  add_batches(4);
  const auto suspect = strands.take_next();
  ASSERT_TRUE(strands.hold_enough());
  strands.set_held(*suspect, true);
  EXPECT_FALSE(strands.hold_enough());
  EXPECT_TRUE(strands.hold_little());
  add_batches(4);
  EXPECT_TRUE(strands.hold_little()) << "what comes behind it is none, either";
  strands.set_held(*suspect, false);
  EXPECT_TRUE(strands.hold_enough());
  strands.set_held(*suspect, true);
  strands.finished(*suspect);
  EXPECT_TRUE(strands.hold_enough()) << "it goes on";
}

TEST_F(StrandsTest, WhatAnOvertakenStrandHoldsIsNoSupply) {
  auto groups = router("/{key}");
  auto strands = make(by_key(2, 500), groups);
  const auto add_batches = [&](int batches, const std::string& key) {
    for (int i = 0; i < 500 * batches; ++i) add(strands, "1", key);
  };
  add_batches(5, "slow");
  const auto slow = strands.take_next();
  ASSERT_TRUE(strands.hold_enough());
  add_batches(2, "quick");
  take(strands);
  EXPECT_FALSE(strands.hold_enough()) << "another batch went later and is finished";
  add_batches(3, "quick");
  EXPECT_TRUE(strands.hold_enough()) << "the others have enough by themselves";
  for (int i = 0; i < 4; ++i) take(strands);
  EXPECT_TRUE(strands.hold_little());
  strands.finished(*slow);
  EXPECT_TRUE(strands.hold_enough()) << "it goes on";
}

TEST_F(StrandsTest, AStrandIsNotOvertakenByABatchThatWentBefore) {
  auto groups = router("/{key}");
  auto strands = make(by_key(2, 500), groups);
  for (int i = 0; i < 500; ++i) add(strands, "1", "first");
  const auto first = strands.take_next();
  for (int i = 0; i < 500 * 5; ++i) add(strands, "1", "second");
  const auto second = strands.take_next();
  strands.finished(*first);
  EXPECT_TRUE(strands.hold_enough());
  strands.finished(*second);
}

TEST_F(StrandsTest, WithoutOrderNothingStandsStillBehindASuspect) {
  auto strands = make(unordered(2, 500));
  for (int i = 0; i < 500 * 4; ++i) add(strands, "1");
  const auto suspect = strands.take_next();
  strands.set_held(*suspect, true);
  EXPECT_TRUE(strands.hold_enough());
}

TEST_F(StrandsTest, OfABlockedStrandNothingIsTakenNorSupply) {
  auto groups = router("/{key}");
  auto strands = make(unordered(2, 500), groups);
  const auto add_batches = [&](int batches, const std::string& key) {
    for (int i = 0; i < 500 * batches; ++i) add(strands, "1", key);
  };
  add_batches(4, "bad");
  const auto first = strands.take_next();
  const auto second = strands.take_next();
  strands.set_blocked(*first, true);
  strands.set_blocked(*second, true);
  EXPECT_EQ(strands.take_next(), nullptr);
  EXPECT_TRUE(strands.hold_little());
  add_batches(1, "good");
  EXPECT_EQ(strands.take_next()->route.path, "/good");
  add_batches(1, "bad");
  EXPECT_EQ(strands.take_next(), nullptr) << "what comes behind it stands, too";
  strands.set_blocked(*first, false);
  EXPECT_EQ(strands.take_next(), nullptr) << "the other one blocks it still";
  strands.set_blocked(*second, false);
  EXPECT_EQ(strands.take_next()->route.path, "/bad");
}

TEST_F(StrandsTest, AreAsOldAsTheOldestRecordThatNobodyTook) {
  auto by_path = router("/{/p}");
  auto strands = make(one_strand(1), by_path);
  const auto age = [&] { return strands.oldest_age(clock_.now(), clock_.wall_now()); };
  const auto put = [&](const std::string& value, std::chrono::seconds old) {
    const auto wall = clock_.wall_now() - old;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch());
    add(strands, test::TestRecord{0, value, {}, {}, ms.count()});
  };
  EXPECT_EQ(age(), std::nullopt);
  put(R"({"p":"a"})", std::chrono::seconds(60));
  put(R"({"p":"b"})", std::chrono::seconds(20));
  put(R"({"p":"a"})", std::chrono::seconds(5));
  EXPECT_EQ(age(), std::chrono::seconds(60));
  const auto oldest = strands.take_next();
  EXPECT_EQ(age(), std::chrono::seconds(20)) << "who took it knows of it";
  const auto next = strands.take_next();
  EXPECT_EQ(age(), std::chrono::seconds(5));
  strands.finished(*oldest);
  strands.finished(*next);
  EXPECT_EQ(age(), std::chrono::seconds(5));
}

}  // namespace
}  // namespace sluice::batch
