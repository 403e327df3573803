#include "pipeline/topic_watch.h"

#include <gtest/gtest.h>

#include <set>

#include "support/fake_clock.h"

namespace sluice::pipeline {
namespace {

using Lanes = std::vector<LaneId>;

class TopicWatchTest : public testing::Test {
 protected:
  TopicWatchTest() {
    watch_.committed(1);
    watch_.committed(2);
    answered(look(), {1, 2});
  }

  TopicWatch::Look look() { return watch_.next_look(clock_.now()).value(); }
  bool looks() { return watch_.next_look(clock_.now()).has_value(); }
  // `have` a commit; the brokers told of all others, too.
  Lanes answered(const TopicWatch::Look& look, const std::set<LaneId>& have) {
    std::map<LaneId, bool> has;
    for (const LaneId lane : look.lanes) has[lane] = have.contains(lane);
    return watch_.answered(look, has, clock_.now());
  }

  test::FakeClock clock_;
  TopicWatch watch_;
};

TEST_F(TopicWatchTest, WithoutDoubtEveryLaneMayCommit) {
  EXPECT_TRUE(watch_.may_commit(1));
  EXPECT_FALSE(looks());
}

TEST_F(TopicWatchTest, DoubtHoldsCommitsBackUntilTheBrokersShowTheOneBefore) {
  watch_.doubt();
  EXPECT_FALSE(watch_.may_commit(1));
  const auto asked = look();
  EXPECT_EQ(asked.lanes, (Lanes{1, 2}));
  EXPECT_FALSE(watch_.may_commit(1));
  EXPECT_EQ(answered(asked, {1, 2}), Lanes{});
  EXPECT_TRUE(watch_.may_commit(1));
  EXPECT_TRUE(watch_.may_commit(2));
}

TEST_F(TopicWatchTest, ALaneOfWhichNothingWasCommittedMayCommitInDoubt) {
  watch_.doubt();
  EXPECT_TRUE(watch_.may_commit(3));
}

TEST_F(TopicWatchTest, AConfirmationThatWasUnderWayEndsNoDoubt) {
  watch_.doubt();
  watch_.committed(1);
  EXPECT_FALSE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, TwoLooksThatFindNoCommitMeanATopicMadeAnew) {
  watch_.doubt();
  EXPECT_EQ(answered(look(), {2}), Lanes{});
  EXPECT_FALSE(watch_.may_commit(1));
  EXPECT_TRUE(watch_.may_commit(2));
  EXPECT_FALSE(looks()) << "at once";
  clock_.advance(TopicWatch::kRetry);
  EXPECT_EQ(answered(look(), {2}), Lanes{1});
  EXPECT_FALSE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, ACommitThatIsMissingOnceAndThereAgainMeansNothing) {
  watch_.doubt();
  answered(look(), {2});
  clock_.advance(TopicWatch::kRetry);
  EXPECT_EQ(answered(look(), {1, 2}), Lanes{});
  EXPECT_TRUE(watch_.may_commit(1));
  watch_.doubt();
  EXPECT_EQ(answered(look(), {2}), Lanes{}) << "not in a row";
}

TEST_F(TopicWatchTest, AnAnswerFromBeforeTheDoubtProvesNothing) {
  watch_.doubt();
  const auto asked = look();
  watch_.doubt();
  EXPECT_EQ(answered(asked, {1, 2}), Lanes{});
  EXPECT_FALSE(watch_.may_commit(1));
  answered(look(), {1, 2});
  EXPECT_TRUE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, ALaneThatLeftMeanwhileIsNotJudged) {
  watch_.doubt();
  answered(look(), {2});
  clock_.advance(TopicWatch::kRetry);
  const auto asked = look();
  watch_.forget(1);
  EXPECT_EQ(answered(asked, {2}), Lanes{});
  EXPECT_TRUE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, OnlyOneLookIsUnderWay) {
  watch_.doubt();
  const auto asked = look();
  EXPECT_FALSE(looks());
  answered(asked, {1});
  clock_.advance(TopicWatch::kRetry);
  EXPECT_TRUE(looks());
}

TEST_F(TopicWatchTest, ALookThatFailsIsTriedAgainAfterAWhile) {
  watch_.doubt();
  const auto asked = look();
  watch_.failed(watch_.look_at({1}), clock_.now());
  EXPECT_FALSE(looks()) << "the one that was begun is still under way";
  clock_.advance(TopicWatch::kRetry);
  EXPECT_FALSE(looks());
  watch_.failed(asked, clock_.now());
  EXPECT_FALSE(looks());
  EXPECT_FALSE(watch_.may_commit(1));
  clock_.advance(TopicWatch::kRetry);
  EXPECT_TRUE(looks());
}

TEST_F(TopicWatchTest, ItLooksFromTimeToTimeAndHoldsNothingBackForThat) {
  clock_.advance(TopicWatch::kLookEvery - std::chrono::milliseconds(1));
  EXPECT_FALSE(looks());
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(looks());
  EXPECT_TRUE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, WhereTheBrokersTellOnlyOfOneLaneTheOtherStaysInDoubt) {
  watch_.doubt();
  EXPECT_EQ(watch_.answered(look(), {{2, true}}, clock_.now()), Lanes{});
  EXPECT_FALSE(watch_.may_commit(1));
  EXPECT_TRUE(watch_.may_commit(2));
  clock_.advance(TopicWatch::kRetry);
  EXPECT_EQ(watch_.answered(look(), {{2, true}}, clock_.now()), Lanes{}) << "that is no miss";
}

TEST_F(TopicWatchTest, ALookForACommitThatCannotWaitSettlesDoubtLikeAnyOther) {
  watch_.doubt();
  const auto beside = look();
  answered(watch_.look_at({2}), {2});
  EXPECT_FALSE(watch_.may_commit(1));
  EXPECT_TRUE(watch_.may_commit(2));
  EXPECT_FALSE(looks()) << "the other is still under way";
  answered(beside, {1, 2});
  EXPECT_TRUE(watch_.may_commit(1));
}

TEST_F(TopicWatchTest, ALookForACommitThatCannotWaitIsNoSecondOneInARow) {
  watch_.doubt();
  EXPECT_EQ(answered(look(), {2}), Lanes{});
  EXPECT_EQ(answered(watch_.look_at({1}), {}), Lanes{});
}

TEST_F(TopicWatchTest, ALaneThatTheBrokersDoNotTellOfKeepsNoOtherWaiting) {
  watch_.doubt();
  EXPECT_TRUE(watch_.awaits_answer());
  watch_.answered(look(), {{1, true}}, clock_.now());
  EXPECT_FALSE(watch_.awaits_answer());
  EXPECT_TRUE(watch_.may_commit(1));
  EXPECT_FALSE(watch_.may_commit(2));
  clock_.advance(TopicWatch::kRetry);
  watch_.answered(look(), {{1, true}, {2, true}}, clock_.now());
  EXPECT_TRUE(watch_.may_commit(2));
}

}  // namespace
}  // namespace sluice::pipeline
