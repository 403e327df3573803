#include "telemetry/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/version.h"
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

TEST_F(StatusBoardTest, TheDocumentOfNoPipelinesIsWhole) {
  EXPECT_EQ(board_.to_json(), "{\n  \"version\": \"" + std::string(kVersion) +
                                  "\",\n  \"pipelines\": [],\n  \"targets\": []\n}\n");
}

TEST_F(StatusBoardTest, TheDocumentTellsEverythingAWorkerSaid) {
  board_.add("deposits", "sluice-deposits", "api", 0);
  WorkerStatus status;
  status.reason = StallReason::breaker_open;
  status.detail = "5 failures in a row; probing in 60 s";
  status.since = clock_.wall_now();
  status.joined = true;
  status.last_error = "connection refused";
  status.records_consumed = 10;
  status.records_delivered = 7;
  status.records_dead_lettered = 2;
  status.records_dropped = 1;
  PartitionStatus unknown;
  unknown.topic = "events";
  unknown.partition = 1;
  status.partitions = {{"events", 0, StallReason::breaker_open, "waits", 100, 150, 50, true, 1},
                       unknown};
  board_.publish("deposits", 0, status);
  EXPECT_EQ(board_.to_json(), R"({
  "version": ")" + std::string(kVersion) +
                                  R"(",
  "pipelines": [
    {
      "name": "deposits",
      "group": "sluice-deposits",
      "target": "api",
      "state": "breaker_open",
      "workers": [
        {
          "worker": 0,
          "reason": "breaker_open",
          "detail": "5 failures in a row; probing in 60 s",
          "since": "2026-09-21T14:13:20.000Z",
          "joined": true,
          "last_error": "connection refused",
          "records": {
            "consumed": 10,
            "delivered": 7,
            "dead_lettered": 2,
            "dropped": 1
          },
          "partitions": [
            {
              "topic": "events",
              "partition": 0,
              "reason": "breaker_open",
              "detail": "waits",
              "committed": 100,
              "log_end": 150,
              "lag": 50,
              "in_flight": true,
              "unconfirmed_batches": 1
            },
            {
              "topic": "events",
              "partition": 1,
              "reason": "flowing",
              "detail": "",
              "committed": null,
              "log_end": null,
              "lag": null,
              "in_flight": false,
              "unconfirmed_batches": 0
            }
          ]
        }
      ]
    }
  ],
  "targets": []
}
)");
}

TEST_F(StatusBoardTest, TheDocumentTellsHowEachTargetIs) {
  TargetStatus target;
  target.since = clock_.wall_now();
  target.concurrency_limit = 8;
  board_.set_targets({{"api", [&] { return target; }}});
  EXPECT_THAT(board_.to_json(), HasSubstr(R"(
      "name": "api",
      "breaker": "closed",
      "reason": "flowing",
      "detail": "",
      "since": "2026-09-21T14:13:20.000Z",
      "next_probe": null,
      "throttled_until": null,
      "concurrency_limit": 8,
      "in_flight": 0,
      "waiting": 0
)"));
  target.breaker = BreakerState::open;
  target.reason = StallReason::unauthorized;
  target.detail = "401";
  target.next_probe = clock_.wall_now() + seconds(5);
  target.throttled_until = clock_.wall_now() + seconds(6);
  EXPECT_THAT(board_.to_json(), HasSubstr(R"("breaker": "open",
      "reason": "unauthorized",
      "detail": "401")"));
  EXPECT_THAT(board_.to_json(), HasSubstr(R"("next_probe": "2026-09-21T14:13:25.000Z",
      "throttled_until": "2026-09-21T14:13:26.000Z")"));
}

TEST_F(StatusBoardTest, APipelineFlowsOnlyWhenAllItsWorkersDo) {
  board_.add("bets", "g", "api", 0);
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  board_.publish("bets", 0, flowing());
  board_.publish("deposits", 0, flowing());
  WorkerStatus parked = flowing();
  parked.reason = StallReason::unauthorized;
  board_.publish("deposits", 1, parked);
  const std::string json = board_.to_json();
  EXPECT_LT(json.find(R"("state": "flowing")"), json.find(R"("name": "deposits")"));
  EXPECT_LT(json.find(R"("name": "deposits")"), json.find(R"("state": "unauthorized")"));
}

TEST_F(StatusBoardTest, ForeignBytesDoNotSpoilTheDocument) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status = flowing();
  status.last_error = "bad \xff \"quote\"\n";
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.to_json(), HasSubstr("\"bad \xEF\xBF\xBD \\\"quote\\\"\\n\""));
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
