#include "telemetry/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StatusBoardTest : public testing::Test {
 protected:
  test::FakeClock clock_;
  StatusBoard board_{clock_};
};

WorkerStatus flowing() {
  WorkerStatus status;
  status.reason = StallReason::flowing;
  status.joined = true;
  return status;
}

TEST_F(StatusBoardTest, AnEmptyBoardIsAliveAndReady) {
  EXPECT_TRUE(board_.alive());
  EXPECT_THAT(board_.not_ready(), IsEmpty());
}

TEST_F(StatusBoardTest, AWorkerIsNotReadyUntilItSaysThatItJoined) {
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  EXPECT_THAT(board_.not_ready(),
              ElementsAre("deposits/0: starting (since 2026-09-21T14:13:20.000Z)",
                          "deposits/1: starting (since 2026-09-21T14:13:20.000Z)"));
  board_.publish("deposits", 0, flowing());
  EXPECT_THAT(board_.not_ready(),
              ElementsAre("deposits/1: starting (since 2026-09-21T14:13:20.000Z)"));
}

TEST_F(StatusBoardTest, ASnapshotHoldsWhatEveryWorkerSaidLast) {
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  WorkerStatus status = flowing();
  status.records_delivered = 7;
  board_.publish("deposits", 1, status);
  const auto all = board_.snapshot();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at({"deposits", 0}).reason, StallReason::starting);
  EXPECT_EQ(all.at({"deposits", 1}).reason, StallReason::flowing);
  EXPECT_EQ(all.at({"deposits", 1}).records_delivered, 7U);
}

TEST_F(StatusBoardTest, SaysWhatStandsInTheWayOnOneLine) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status;
  status.reason = StallReason::broker_unreachable;
  status.detail = "no broker answers;\ntrying again";
  status.since = clock_.wall_now() + seconds(5);
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.not_ready(),
              ElementsAre("deposits/0: broker_unreachable: no broker answers; trying again "
                          "(since 2026-09-21T14:13:25.000Z)"));
}

TEST_F(StatusBoardTest, NothingOnThatLineIsACommandToATerminal) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status;
  status.reason = StallReason::kafka_error;
  status.detail = "a\x1b[2J\u009b2Jb\x7f\u0085\u00e9\xc2";
  status.since = clock_.wall_now();
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.not_ready(), ElementsAre("deposits/0: kafka_error: a [2J 2Jb  \u00e9\ufffd "
                                              "(since 2026-09-21T14:13:20.000Z)"));
}

TEST_F(StatusBoardTest, AStalledWorkerThatHasJoinedIsReady) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status = flowing();
  status.reason = StallReason::breaker_open;
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.not_ready(), IsEmpty());
}

TEST_F(StatusBoardTest, AWorkerWithoutABeatForTooLongIsStuckUntilItBeats) {
  board_.add("deposits", "g", "api", 0);
  board_.add("bets", "g", "api", 1);
  clock_.advance(StatusBoard::kStuckAfter);
  EXPECT_TRUE(board_.alive());
  board_.beat("bets", 1);
  clock_.advance(seconds(1));
  EXPECT_FALSE(board_.alive());
  EXPECT_THAT(board_.stuck(), ElementsAre("deposits/0"));
  board_.beat("deposits", 0);
  EXPECT_TRUE(board_.alive());
}

TEST_F(StatusBoardTest, AWorkerThatIsSilentIsShownSoWhateverItSaidLast) {
  board_.add("deposits", "g", "api", 0);
  board_.publish("deposits", 0, flowing());
  clock_.advance(StatusBoard::kSilentAfter);
  EXPECT_EQ(board_.snapshot().at({"deposits", 0}).reason, StallReason::flowing);
  clock_.advance(seconds(2));
  const WorkerStatus silent = board_.snapshot().at({"deposits", 0});
  EXPECT_EQ(silent.reason, StallReason::not_responding);
  EXPECT_THAT(silent.detail, HasSubstr("its loop has not turned for 7 s"));
  EXPECT_EQ(silent.since, clock_.wall_now() - seconds(7));
  EXPECT_EQ(silent.seen, silent.since);
  EXPECT_EQ(silent.next_at, silent.since + StatusBoard::kStuckAfter);
  board_.beat("deposits", 0);
  EXPECT_EQ(board_.snapshot().at({"deposits", 0}).reason, StallReason::flowing);
}

TEST_F(StatusBoardTest, OneThatStopsMayTakeItsTime) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status = flowing();
  status.reason = StallReason::stopping;
  board_.publish("deposits", 0, status);
  clock_.advance(seconds(20));
  EXPECT_EQ(board_.snapshot().at({"deposits", 0}).reason, StallReason::stopping);
}

TEST_F(StatusBoardTest, KnowsHowLongAgoEachLoopTurned) {
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  clock_.advance(seconds(3));
  board_.beat("deposits", 1);
  const auto ages = board_.beat_ages();
  ASSERT_EQ(ages.size(), 2U);
  EXPECT_EQ(ages[0].age, seconds(3));
  EXPECT_EQ(ages[1].age, seconds(0));
  EXPECT_EQ(ages[1].worker, 1U);
  EXPECT_EQ(ages[1].target, "api");
}

TEST_F(StatusBoardTest, WorkersWriteWhileItIsRead) {
  board_.add("deposits", "g", "api", 0);
  std::thread worker([this] {
    for (int i = 0; i < 200; ++i) {
      WorkerStatus status = flowing();
      status.partitions.resize(3);
      board_.publish("deposits", 0, std::move(status));
      board_.beat("deposits", 0);
    }
  });
  for (int i = 0; i < 20; ++i) {
    board_.to_json();
    EXPECT_TRUE(board_.alive());
  }
  worker.join();
  EXPECT_THAT(board_.not_ready(), IsEmpty());
}

}  // namespace
}  // namespace sluice::telemetry
