#include "demo/reconciliation.h"

#include <gtest/gtest.h>

#include "demo/record_id.h"

namespace sluice::demo {
namespace {

constexpr std::size_t kType = 2;
const simulator::EventType& type() { return simulator::kEventTypes.at(kType); }
const simulator::EventType& other_type() { return simulator::kEventTypes.at(kType + 1); }

class ReconciliationTest : public testing::Test {
 protected:
  // Numbers 0 to `count` - 1, all in Kafka.
  void produce(std::uint64_t count) {
    for (std::uint64_t number = 0; number < count; ++number) {
      all_.given(kType);
      all_.confirmed(number);
    }
  }

  static std::string id(std::uint64_t number) { return record_id(type(), number); }

  Reconciliation all_;
};

TEST_F(ReconciliationTest, EveryRecordThatEndsSomewhereIsSettled) {
  produce(3);
  all_.delivered(type(), id(0));
  all_.delivered(type(), id(2));
  all_.dead_lettered(type(), id(1));
  const Tally tally = all_.tally();
  EXPECT_EQ(tally.produced, 3U);
  EXPECT_EQ(tally.delivered, 2U);
  EXPECT_EQ(tally.dead_lettered, 1U);
  EXPECT_EQ(tally.open, 0U);
  EXPECT_EQ(tally.repeated, 0U);
  EXPECT_EQ(tally.unknown, 0U);
}

TEST_F(ReconciliationTest, WhatHasNoEndIsOpenAndOfItsType) {
  produce(3);
  all_.delivered(type(), id(1));
  EXPECT_EQ(all_.tally().open, 2U);
  EXPECT_EQ(all_.tally().open_of.at(kType), 2U);
  EXPECT_EQ(all_.tally().produced_of.at(kType), 3U);
}

TEST_F(ReconciliationTest, ARecordOnItsWayToTheBrokerIsNotProducedYet) {
  all_.given(kType);
  EXPECT_EQ(all_.tally().produced, 0U);
  EXPECT_EQ(all_.tally().open, 0U);
}

TEST_F(ReconciliationTest, ADeliveryMayOvertakeTheBrokersConfirmation) {
  all_.given(kType);
  all_.delivered(type(), id(0));
  all_.confirmed(0);
  EXPECT_EQ(all_.tally().produced, 1U);
  EXPECT_EQ(all_.tally().delivered, 1U);
  EXPECT_EQ(all_.tally().open, 0U);
}

TEST_F(ReconciliationTest, ASecondEndIsARepeatWhateverTheFirstWas) {
  produce(2);
  all_.delivered(type(), id(0));
  all_.delivered(type(), id(0));
  all_.delivered(type(), id(0));
  all_.dead_lettered(type(), id(1));
  all_.delivered(type(), id(1));
  const Tally tally = all_.tally();
  EXPECT_EQ(tally.repeated, 3U);
  EXPECT_EQ(tally.delivered, 1U);
  EXPECT_EQ(tally.dead_lettered, 1U);
  EXPECT_EQ(tally.open, 0U);
}

TEST_F(ReconciliationTest, AnIdThatNobodyWroteIsUnknownAndSettlesNothing) {
  produce(1);
  all_.delivered(type(), id(1));                             // not given yet
  all_.delivered(other_type(), record_id(other_type(), 0));  // given, but of another type
  all_.dead_lettered(type(), "no id");
  EXPECT_EQ(all_.tally().unknown, 3U);
  EXPECT_EQ(all_.tally().open, 1U);
}

}  // namespace
}  // namespace sluice::demo
