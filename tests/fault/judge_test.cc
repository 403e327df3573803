#include "fault/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/kept_ranges.h"

namespace sluice::fault {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// Two partitions of three records, each partition delivered in one batch and committed.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    for (const int partition : {0, 1}) {
      for (const std::int64_t number : {0, 1, 2}) {
        evidence_.produced.push_back({.id = id(partition, number),
                                      .lane = "p" + std::to_string(partition),
                                      .partition = partition,
                                      .offset = number,
                                      .at_ms = 100});
      }
      evidence_.batches.push_back(batch(partition, {0, 1, 2}, 1000));
      commit(partition, 3, 1100);
    }
    evidence_.log_starts = {0, 0};
    evidence_.log_ends = {3, 3};
    evidence_.cluster_id = "cluster";
  }

  static std::string id(int partition, std::int64_t number) {
    return "t-p" + std::to_string(partition) + "-" + std::to_string(number);
  }
  SeenBatch batch(int partition, const std::vector<std::int64_t>& numbers, std::int64_t at_ms) {
    SeenBatch made{.bytes_equal = true,
                   .ids = {},
                   .came_ms = at_ms,
                   .done_ms = at_ms + 5,
                   .answered_ms = at_ms + 5,
                   .taken = true,
                   .answered = true,
                   .told = true};
    made.request = ++requests_;
    for (const std::int64_t number : numbers) {
      made.ids.push_back(id(partition, number));
      made.batch_id += made.ids.back();
    }
    made.body_hash = std::hash<std::string>()(made.batch_id);
    return made;
  }
  void commit(int partition, std::int64_t offset, std::int64_t at_ms) {
    evidence_.commits.push_back(
        {.topic = "t", .partition = partition, .offset = offset, .metadata = {}, .at_ms = at_ms});
  }
  void letter(int partition, std::int64_t offset, std::int64_t at_ms) {
    evidence_.letters.push_back(
        {.partition = partition, .offset = offset, .bytes_equal = true, .at_ms = at_ms});
  }
  // The first word of what a wrong is about, without its count and its examples.
  std::vector<std::string> kinds(const Allowed& allowed = {.unconfirmed_records = 10}) {
    std::vector<std::string> kinds;
    for (const std::string& wrong : judge(evidence_, allowed).wrongs) {
      const std::size_t begin = wrong.find(' ') + 1;
      kinds.push_back(wrong.substr(begin, wrong.find(':') - begin));
    }
    return kinds;
  }

  Evidence evidence_;
  std::size_t requests_ = 0;
};

TEST_F(JudgeTest, ARunInWhichAllIsWellHasNothingWrong) {
  const Judgement judgement = judge(evidence_, {.unconfirmed_records = 3});
  EXPECT_THAT(judgement.wrongs, IsEmpty());
  EXPECT_EQ(judgement.figures.produced, 6U);
  EXPECT_EQ(judgement.figures.delivered, 6U);
  EXPECT_EQ(judgement.figures.requests, 2U);
  EXPECT_EQ(judgement.figures.most_unconfirmed, 3U);
}

TEST_F(JudgeTest, ACommittedRecordWithoutAnOutcomeIsLost) {
  evidence_.batches[1] = batch(1, {0, 2}, 1000);
  EXPECT_THAT(kinds(), ElementsAre("committed before they had an outcome", "records lost"));
}

TEST_F(JudgeTest, ARecordThatNoCommitCoversIsNotLost) {
  evidence_.batches[1] = batch(1, {0, 1}, 1000);
  evidence_.commits[1].offset = 2;
  EXPECT_THAT(kinds(), ElementsAre("records that were not read again"));
  EXPECT_THAT(kinds({.unconfirmed_records = 10, .uncommitted = true}), IsEmpty());
}

TEST_F(JudgeTest, ACommitBeforeTheAnswerIsWrongEvenIfTheAnswerComesInTheEnd) {
  evidence_.commits[0].at_ms = 1004;
  EXPECT_THAT(kinds(), ElementsAre("committed before they had an outcome"));
}

TEST_F(JudgeTest, ACommitBeforeADeadLetterIsConfirmedIsWrong) {
  evidence_.produced[2].poison = true;
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  letter(0, 2, 1101);
  EXPECT_THAT(kinds(), ElementsAre("committed before they had an outcome"));
  evidence_.letters[0].at_ms = 1100;
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(JudgeTest, ACommitThatGoesBackIsWrongUnlessAnOperatorMadeIt) {
  commit(0, 2, 1200);
  EXPECT_THAT(kinds(), ElementsAre("commits that went back"));
  evidence_.by_operator = {{.partition = 0, .offset = 2, .when = {1150, 1250}}};
  EXPECT_THAT(kinds({.unconfirmed_records = 10, .uncommitted = true}), IsEmpty());
}

TEST_F(JudgeTest, ACommitOfTheOperatorExcusesOnlyItself) {
  evidence_.by_operator = {{.partition = 0, .offset = 2, .when = {1150, 1250}}};
  EXPECT_THAT(kinds(), ElementsAre("commits of the operator that the broker did not take"));
  commit(0, 2, 1300);  // too late to be that one
  EXPECT_THAT(kinds(), ElementsAre("commits of the operator that the broker did not take",
                                   "commits that went back"));
  evidence_.commits.back().at_ms = 1200;
  EXPECT_THAT(kinds(), IsEmpty());
  commit(0, 1, 1210);
  EXPECT_THAT(kinds(), ElementsAre("commits that went back"));
}

TEST_F(JudgeTest, WhatIsFinishedAheadCountsAsCommittedAndMayNotBeForgotten) {
  evidence_.commits[0].offset = 0;
  const auto commit_kept = [&](std::int64_t offset, std::int64_t first, std::int64_t end,
                               std::int64_t at_ms) {
    commit(0, offset, at_ms);
    evidence_.commits.back().metadata = test::kept_text("cluster", "t", 0, offset, first, end);
  };
  commit_kept(0, 1, 3, 1200);
  commit(0, 3, 1300);
  EXPECT_THAT(kinds(), IsEmpty());
  evidence_.batches.push_back(batch(0, {2}, 1250));
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}),
              ElementsAre("records delivered again after they were committed"));
  evidence_.batches.pop_back();

  evidence_.commits.pop_back();
  commit_kept(0, 1, 2, 1250);
  commit(0, 3, 1300);
  EXPECT_THAT(kinds(), ElementsAre("commits that forgot what was finished"));
}

TEST_F(JudgeTest, MetadataThatCannotBeReadIsWrong) {
  evidence_.commits[1].metadata = "not ours";
  EXPECT_THAT(kinds(), ElementsAre("commits with metadata that cannot be read"));
}

TEST_F(JudgeTest, ARepeatIsWrongUnlessItWasUnconfirmed) {
  evidence_.batches.push_back(batch(1, {0, 1, 2}, 1050));
  EXPECT_THAT(kinds(), ElementsAre("records delivered again"));
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}), IsEmpty());
}

TEST_F(JudgeTest, EachLossMayRepeatARecordOnce) {
  evidence_.batches.push_back(batch(1, {0, 1, 2}, 1050));
  evidence_.batches.push_back(batch(1, {2}, 1060));
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}),
              ElementsAre("records delivered again"));
  EXPECT_THAT(kinds({.losses = 2, .unconfirmed_records = 3}), IsEmpty());
}

TEST_F(JudgeTest, ARepeatIsExcusedByALossBetweenTheTwo) {
  evidence_.batches.push_back(batch(1, {0, 1, 2}, 1050));
  for (const Span& elsewhere : {Span{900, 999}, Span{1051, 1200}}) {
    evidence_.losses = {elsewhere};
    EXPECT_THAT(kinds(), ElementsAre("records delivered again"));
  }
  evidence_.losses = {{1020, 1030}};
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(JudgeTest, TwoRequestsOfALaneAtTheSameTimeAreWrong) {
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  evidence_.batches.push_back(batch(0, {2}, 1004));
  EXPECT_THAT(kinds(), ElementsAre("requests of a lane at the same time"));
  EXPECT_THAT(kinds({.unconfirmed_records = 3, .disorder = true}), IsEmpty());
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}), IsEmpty());
  evidence_.batches.back().came_ms = 1005;
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(JudgeTest, ARequestThatAnOwnerBeforeLeftBehindHidesNoOthers) {
  SeenBatch left = batch(0, {0}, 900);
  left.taken = left.told = false;
  left.done_ms = left.answered_ms = 1500;
  evidence_.batches.insert(evidence_.batches.begin(), left);
  evidence_.losses = {{950, 960}};
  EXPECT_THAT(kinds(), IsEmpty());
  evidence_.batches[1] = batch(0, {0, 1}, 1000);
  evidence_.batches.push_back(batch(0, {2}, 1004));
  EXPECT_THAT(kinds(), ElementsAre("requests of a lane at the same time"));
}

TEST_F(JudgeTest, ARequestThatWasNotAnsweredMayHaveBeenGivenUp) {
  SeenBatch slow = batch(0, {0, 1, 2}, 900);
  slow.taken = slow.answered = slow.told = false;
  slow.done_ms = slow.answered_ms = 1500;
  evidence_.batches.insert(evidence_.batches.begin(), slow);
  EXPECT_THAT(kinds(), IsEmpty());
  evidence_.batches[0].answered = true;
  EXPECT_THAT(kinds(), ElementsAre("requests of a lane at the same time"));
}

TEST_F(JudgeTest, ARequestOfTwoFatesIsNotTwoAtTheSameTime) {
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  SeenBatch rest = evidence_.batches[0];
  rest.ids = {id(0, 2)};
  evidence_.batches.push_back(rest);
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(JudgeTest, ARequestWithoutARecordIsWrong) {
  evidence_.batches.push_back(batch(0, {}, 1200));
  EXPECT_THAT(kinds(), ElementsAre("requests without a record"));
}

TEST_F(JudgeTest, ARepeatAfterTheCommitIsAlwaysWrong) {
  evidence_.batches.push_back(batch(1, {0, 1, 2}, 1150));
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}),
              ElementsAre("records delivered again after they were committed"));
}

TEST_F(JudgeTest, ARepeatAfterAnAnswerThatNeverCameIsNobodysFault) {
  evidence_.batches[1].told = false;
  evidence_.batches.push_back(batch(1, {0, 1, 2}, 1050));
  const Judgement judgement = judge(evidence_, {.unconfirmed_records = 3});
  EXPECT_THAT(judgement.wrongs, IsEmpty());
  EXPECT_EQ(judgement.figures.untold, 3U);
  EXPECT_EQ(judgement.figures.repeated, 0U);
}

TEST_F(JudgeTest, ARecordOvertakenInItsLaneIsWrong) {
  evidence_.batches[0] = batch(0, {0, 2}, 1000);
  evidence_.batches.push_back(batch(0, {1}, 1010));
  EXPECT_THAT(kinds(), ElementsAre("records that overtook another of their lane"));
  EXPECT_THAT(kinds({.unconfirmed_records = 3, .disorder = true}), IsEmpty());
}

TEST_F(JudgeTest, ARecordOvertakenWithinOneBodyIsWrong) {
  evidence_.batches[0] = batch(0, {0, 2, 1}, 1000);
  EXPECT_THAT(kinds(), ElementsAre("records that overtook another of their lane"));
}

TEST_F(JudgeTest, BytesAndStrangersAreFound) {
  evidence_.batches[0].bytes_equal = false;
  evidence_.batches[1].ids.emplace_back("stranger");
  EXPECT_THAT(kinds(), ElementsAre("records sent that nobody produced",
                                   "requests with other bytes than produced"));
}

TEST_F(JudgeTest, ABatchIdStandsForOneBodyAndABodyHasOneId) {
  SeenBatch refused = batch(0, {0, 1, 2}, 900);
  refused.taken = refused.told = false;
  refused.body_hash += 1;
  evidence_.batches.insert(evidence_.batches.begin(), refused);
  EXPECT_THAT(kinds(), ElementsAre("batch ids with two bodies"));
  evidence_.batches[0].body_hash -= 1;
  evidence_.batches[0].batch_id = "another";
  EXPECT_THAT(kinds(), ElementsAre("bodies with two batch ids"));
}

TEST_F(JudgeTest, AHealthyDeadLetterIsWrongAndSoAreOtherBytes) {
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  letter(0, 2, 1050);
  evidence_.letters[0].bytes_equal = false;
  EXPECT_THAT(kinds(), ElementsAre("dead letters with other bytes than produced",
                                   "healthy records dead-lettered"));
}

TEST_F(JudgeTest, ADeadLetterOfADeliveredOrUnknownRecordIsWrong) {
  evidence_.produced[2].poison = true;
  letter(0, 2, 1050);
  letter(0, 7, 1050);
  EXPECT_THAT(kinds(), ElementsAre("dead letters of records that nobody produced",
                                   "records both delivered and dead-lettered"));
}

TEST_F(JudgeTest, ASecondDeadLetterIsWrongUnlessItWasUnconfirmed) {
  evidence_.produced[2].poison = true;
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  letter(0, 2, 1050);
  letter(0, 2, 1060);
  EXPECT_THAT(kinds(), ElementsAre("records dead-lettered again"));
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}), IsEmpty());
  evidence_.letters[1].at_ms = 1150;
  EXPECT_THAT(kinds({.losses = 1, .unconfirmed_records = 3}),
              ElementsAre("records dead-lettered again after they were committed"));
}

TEST_F(JudgeTest, ADeadLetterWithTheValueOfAnotherRecordIsWrong) {
  evidence_.produced[2].poison = true;
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  letter(0, 2, 1050);
  evidence_.letters[0].id = id(0, 2);
  EXPECT_THAT(kinds(), IsEmpty());
  evidence_.letters[0].id = id(0, 1);
  EXPECT_THAT(kinds(), ElementsAre("dead letters that name another record's place"));
}

TEST_F(JudgeTest, TooManyUnconfirmedRecordsAreWrong) {
  EXPECT_THAT(kinds({.unconfirmed_records = 2}),
              ElementsAre("partition with too many unconfirmed records"));
}

TEST_F(JudgeTest, WhatKafkaDeletedUnreadIsGoneAndNotLost) {
  evidence_.batches[0] = batch(0, {2}, 1000);
  evidence_.log_starts[0] = 2;
  EXPECT_THAT(kinds(), ElementsAre("records that Kafka deleted unread"));
  const Judgement judgement = judge(evidence_, {.unconfirmed_records = 3, .gone = true});
  EXPECT_THAT(judgement.wrongs, IsEmpty());
  EXPECT_EQ(judgement.figures.gone, 2U);
}

TEST_F(JudgeTest, ATopicMadeAnewHasOtherRecordsAtTheSamePlaces) {
  evidence_.produced.push_back(
      {.id = "t.1-p0-0", .lane = "1p0", .partition = 0, .offset = 0, .at_ms = 2000, .log = 1});
  evidence_.last_log = 1;
  evidence_.log_ends = {1, 0};
  evidence_.batches.push_back(batch(0, {}, 2100));
  evidence_.batches.back().ids = {"t.1-p0-0"};
  commit(0, 1, 2200);
  EXPECT_THAT(kinds(), ElementsAre("commits that went back"));
  evidence_.resets = {{1950, 2050}};
  EXPECT_THAT(kinds(), ElementsAre("commits that went back")) << "nothing was deleted";
  evidence_.commits.pop_back();
  commit(0, -1, 2020);
  commit(0, 1, 2200);
  EXPECT_THAT(kinds(), IsEmpty());
  evidence_.commits.back().at_ms = 2050;
  EXPECT_THAT(kinds(), ElementsAre("committed before they had an outcome"));
  evidence_.commits.back().at_ms = 2200;
  evidence_.resets = {{1900, 2019}};
  EXPECT_THAT(kinds(), ElementsAre("commits that went back")) << "deleted at another time";
}

TEST_F(JudgeTest, AnOverlapIsExcusedByALossBetweenTheTwo) {
  evidence_.batches[0] = batch(0, {0, 1}, 1000);
  evidence_.batches.push_back(batch(0, {2}, 1004));
  for (const Span& elsewhere : {Span{900, 999}, Span{1005, 1200}}) {
    evidence_.losses = {elsewhere};
    EXPECT_THAT(kinds(), ElementsAre("requests of a lane at the same time"));
  }
  evidence_.losses = {{1002, 1003}};
  EXPECT_THAT(kinds(), IsEmpty());
}

}  // namespace
}  // namespace sluice::fault
