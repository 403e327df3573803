#include "deliver/delivery.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/records.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class DeliveryTest : public testing::Test {
 protected:
  static constexpr Suspicion::Limits kLimits{3, 10, 1};

  std::unique_ptr<batch::Batch> batch_of(std::int64_t first, int records) {
    auto made = std::make_unique<batch::Batch>(codec::BodyFormat::json_array, memory_);
    for (int i = 0; i < records; ++i) {
      test::TestRecord record{first + i, std::to_string(first + i), {}, {}, -1};
      made->body().append(*record.value);
      made->keep(record.view(), 0);
    }
    return made;
  }
  Delivery make(int records) {
    return {1, {"topic", 0}, batch_of(100, records), waits_, random_, memory_};
  }

  test::FakeClock clock_;
  SeededRandom random_{1};
  batch::MemoryMeter memory_;
  DeliveryWaits waits_{{milliseconds(200), seconds(30), 2}, {seconds(60), minutes(10), 2}};
};

TEST_F(DeliveryTest, BeginsWithTheWholeBatch) {
  auto delivery = make(3);
  EXPECT_EQ(delivery.part(), (batch::Range{0, 3}));
  EXPECT_EQ(delivery.body(), "[100,101,102]");
  EXPECT_FALSE(delivery.alone());
  delivery.part_delivered();
  EXPECT_EQ(delivery.part(), std::nullopt);
}

TEST_F(DeliveryTest, CutsByRecordsAndByBytesButNotBelowOne) {
  auto delivery = make(5);
  const std::string whole = delivery.batch_id();
  delivery.cut({SIZE_MAX, SIZE_MAX});
  EXPECT_EQ(delivery.batch_id(), whole);
  delivery.cut({3, SIZE_MAX});
  EXPECT_EQ(delivery.body(), "[100,101,102]");
  EXPECT_NE(delivery.batch_id(), whole);
  delivery.cut({SIZE_MAX, 9});
  EXPECT_EQ(delivery.body(), "[100,101]");
  delivery.part_delivered();
  delivery.cut({SIZE_MAX, SIZE_MAX});
  EXPECT_EQ(delivery.body(), "[102,103,104]") << "where the batch does not begin, too";
  delivery.cut({0, 0});
  EXPECT_EQ(delivery.body(), "[102]");
}

TEST_F(DeliveryTest, ACutPartHasTheIdThatItsRecordsWouldHaveAsABatch) {
  auto delivery = make(5);
  delivery.cut({3, SIZE_MAX});
  EXPECT_EQ(delivery.batch_id(), make(3).batch_id());
}

TEST_F(DeliveryTest, HalvesWhatIsTooLargeAndKeepsTheRestAsSmall) {
  auto delivery = make(8);  // 33 bytes
  EXPECT_FALSE(delivery.part_too_large());
  EXPECT_EQ(delivery.part(), (batch::Range{0, 3}));
  delivery.part_delivered();
  EXPECT_EQ(delivery.part(), (batch::Range{3, 6}));
}

TEST_F(DeliveryTest, AfterARecordThatWasTooLargeAloneTheRestGoesAsOne) {
  auto delivery = make(8);
  while (!delivery.alone()) EXPECT_FALSE(delivery.part_too_large());
  EXPECT_TRUE(delivery.part_too_large());
  EXPECT_EQ(delivery.part(), (batch::Range{1, 8}));
}

TEST_F(DeliveryTest, MayNotBeCutOnceAnAttemptHadNoAnswer) {
  auto delivery = make(4);
  EXPECT_TRUE(delivery.may_be_cut());
  delivery.part_failed(false, true, kLimits, clock_.now());
  EXPECT_TRUE(delivery.may_be_cut());
  delivery.part_failed(false, false, kLimits, clock_.now());
  EXPECT_FALSE(delivery.may_be_cut());
  delivery.part_failed(false, true, kLimits, clock_.now());
  EXPECT_FALSE(delivery.may_be_cut()) << "it may still have been taken";
  delivery.part_refused();
  EXPECT_TRUE(delivery.may_be_cut()) << "another part";
}

TEST_F(DeliveryTest, CountsTheRequestsOfEachRecord) {
  auto delivery = make(4);
  EXPECT_EQ(delivery.tallies.requests(3), 0U);
  delivery.note_undelivered();
  delivery.part_refused();
  delivery.note_undelivered();
  delivery.tallies.note_undelivered(0);
  EXPECT_EQ(delivery.tallies.requests(0), 3U);
  EXPECT_EQ(delivery.tallies.requests(1), 2U);
  EXPECT_EQ(delivery.tallies.requests(2), 1U);
}

TEST_F(DeliveryTest, WhatIsLeftTakesItsCountsAlong) {
  auto delivery = make(4);
  delivery.note_undelivered();
  delivery.tallies.note_undelivered(3);
  EXPECT_EQ(delivery.tallies.use_attempt(1), 1U);
  auto rest = std::make_unique<batch::Batch>(codec::BodyFormat::json_array, memory_);
  rest->copy(*delivery.batch, 1);
  rest->copy(*delivery.batch, 3);
  const auto before = delivery.replace(std::move(rest), {1, 3});
  EXPECT_EQ(before->size(), 4U);
  EXPECT_EQ(delivery.body(), "[101,103]");
  EXPECT_EQ(delivery.tallies.requests(0), 1U);
  EXPECT_EQ(delivery.tallies.requests(1), 2U);
  EXPECT_EQ(delivery.tallies.use_attempt(0), 2U);
}

TEST_F(DeliveryTest, WaitsLongerForTheRestEachTime) {
  auto delivery = make(2);
  Duration longest{};
  for (int i = 0; i < 20; ++i) {
    delivery.wait_for_the_rest(clock_.now());
    longest = std::max(longest, delivery.not_before - clock_.now());
  }
  EXPECT_GT(longest, seconds(15));
  EXPECT_LE(longest, seconds(30));
}

TEST_F(DeliveryTest, AParkedRecordWaitsOnTheParkedSchedule) {
  auto delivery = make(1);
  delivery.part_failed(true, true, kLimits, clock_.now());
  EXPECT_FALSE(delivery.parked());
  EXPECT_LT(delivery.not_before - clock_.now(), milliseconds(200));
  Duration expected = seconds(60);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(delivery.part_failed(false, true, kLimits, clock_.now()), Suspicion::Next::park);
    EXPECT_TRUE(delivery.parked());
    EXPECT_GE(delivery.not_before - clock_.now(), expected);
    EXPECT_LE(delivery.not_before - clock_.now(), expected + expected / 10);
    expected = std::min<Duration>(2 * expected, minutes(10));
  }
  delivery.part_failed(true, true, kLimits, clock_.now());
  EXPECT_FALSE(delivery.parked());
  delivery.part_failed(false, true, kLimits, clock_.now());
  EXPECT_LE(delivery.not_before - clock_.now(), seconds(66)) << "a neighbour told meanwhile";
  delivery.part_failed(false, true, kLimits, clock_.now());
  delivery.try_now();
  EXPECT_LE(delivery.not_before, clock_.now());
  EXPECT_TRUE(delivery.parked()) << "until it is known better";
  delivery.part_failed(false, true, kLimits, clock_.now());
  EXPECT_LE(delivery.not_before - clock_.now(), seconds(66));
}

TEST_F(DeliveryTest, KnowsWhenThePartFailedLast) {
  auto delivery = make(4);
  EXPECT_EQ(delivery.failed_at(), std::nullopt);
  delivery.part_failed(false, true, kLimits, clock_.now());
  EXPECT_EQ(delivery.failed_at(), clock_.now());
  for (int i = 0; i < 3; ++i) delivery.part_failed(true, true, kLimits, clock_.now());
  EXPECT_EQ(delivery.part(), (batch::Range{0, 2}));
  EXPECT_EQ(delivery.failed_at(), clock_.now()) << "with the whole batch";
  delivery.part_delivered();
  EXPECT_EQ(delivery.failed_at(), std::nullopt);
}

TEST_F(DeliveryTest, BeyondWhatFailedNothingIsUnderSuspicion) {
  auto delivery = make(8);
  delivery.cut({4, SIZE_MAX});
  for (int i = 0; i < 3; ++i) delivery.part_failed(true, true, kLimits, clock_.now());
  EXPECT_EQ(delivery.part(), (batch::Range{0, 2}));
  while (delivery.part()->first < 4) {
    EXPECT_TRUE(delivery.blames_record());
    delivery.part_delivered();
  }
  EXPECT_FALSE(delivery.blames_record());
}

TEST_F(DeliveryTest, RemembersItsFirstAndItsLastAttempt) {
  auto delivery = make(1);
  EXPECT_EQ(delivery.first_sent(), std::nullopt);
  const WallTime first = clock_.wall_now();
  delivery.note_sent(first);
  clock_.advance(seconds(5));
  delivery.note_sent(clock_.wall_now());
  EXPECT_EQ(delivery.first_sent(), first);
  EXPECT_EQ(delivery.last_sent(), clock_.wall_now());
}

}  // namespace
}  // namespace sluice::deliver
