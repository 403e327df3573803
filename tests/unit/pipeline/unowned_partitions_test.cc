#include "pipeline/unowned_partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const TopicPartition kFourth{"orders", 4};
const TopicPartition kFifth{"orders", 5};

class UnownedPartitionsTest : public testing::Test {
 protected:
  // Time passes until a look is due; it brings `look`.
  std::vector<TopicPartition> look_when_due(const std::optional<GroupLook>& look) {
    while (!unowned_.due(now_)) now_ += milliseconds(500);
    return unowned_.seen(look, now_);
  }

  std::vector<TopicPartition> look_at(std::vector<TopicPartition> unowned,
                                      std::size_t before_us = 0) {
    return look_when_due(GroupLook{std::move(unowned), before_us});
  }

  UnownedPartitions unowned_;
  Instant now_{seconds(1000)};
};

TEST_F(UnownedPartitionsTest, AWholeGroupIsLeftAlone) {
  for (int i = 0; i < 100; ++i) EXPECT_THAT(look_at({}), IsEmpty());
}

TEST_F(UnownedPartitionsTest, TwoLooksThatFindNoOwnerAreCertain) {
  EXPECT_THAT(look_at({kFourth, kFifth}), IsEmpty());
  EXPECT_THAT(look_at({kFourth, kFifth}), ElementsAre(kFourth, kFifth));
}

TEST_F(UnownedPartitionsTest, AfterARestartThatIsWithinFifteenSeconds) {
  const Instant before = now_;
  look_at({kFourth});
  look_at({kFourth});
  EXPECT_LE(now_ - before, seconds(15));
}

TEST_F(UnownedPartitionsTest, AnOwnerInBetweenBeginsTheCountAnew) {
  look_at({kFourth});
  look_at({});
  EXPECT_THAT(look_at({kFourth}), IsEmpty());
  EXPECT_THAT(look_at({kFourth}), ElementsAre(kFourth));
}

TEST_F(UnownedPartitionsTest, SoDoesALookThatBroughtNothing) {
  look_at({kFourth});
  look_when_due(std::nullopt);
  EXPECT_THAT(look_at({kFourth}), IsEmpty());
}

TEST_F(UnownedPartitionsTest, EachPartitionIsCountedByItself) {
  look_at({kFourth});
  EXPECT_THAT(look_at({kFourth, kFifth}), ElementsAre(kFourth));
}

TEST_F(UnownedPartitionsTest, TheMembersBeforeUsHaveOneLookEachToAct) {
  EXPECT_THAT(look_at({kFourth}, 2), IsEmpty());
  EXPECT_THAT(look_at({kFourth}, 2), IsEmpty());
  EXPECT_THAT(look_at({kFourth}, 2), IsEmpty());
  EXPECT_THAT(look_at({kFourth}, 2), ElementsAre(kFourth));
}

TEST_F(UnownedPartitionsTest, WhatCannotBeHelpedIsTriedSeldom) {
  look_at({kFourth});
  look_at({kFourth});
  const Instant tried = now_;
  while (look_at({kFourth}).empty()) {
  }
  EXPECT_GE(now_ - tried, UnownedPartitions::kAgain);
  EXPECT_LE(now_ - tried, UnownedPartitions::kAgain + UnownedPartitions::kEvery);
}

TEST_F(UnownedPartitionsTest, OneLookIsUnderWayAtATime) {
  while (!unowned_.due(now_)) now_ += seconds(1);
  EXPECT_FALSE(unowned_.due(now_ + seconds(1000)));
  unowned_.seen(std::nullopt, now_);
  EXPECT_TRUE(unowned_.due(now_ + seconds(1000)));
}

TEST_F(UnownedPartitionsTest, LaterLooksLeaveTheLeaderTheTimeToSeeNewPartitionsItself) {
  for (std::uint32_t i = 0; i < UnownedPartitions::kSoonLooks; ++i) look_at({});
  const Instant before = now_;
  look_at({});
  EXPECT_GT(now_ - before, seconds(30));
}

}  // namespace
}  // namespace sluice::pipeline
