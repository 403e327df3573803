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
using testing::Not;

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
  EXPECT_EQ(board_.to_json(), "{\n  \"version\": \"" + std::string(kVersion) + R"(",
  "time": "2026-09-21T14:13:20.000Z",
  "started": "2026-09-21T14:13:20.000Z",
  "pipelines": [],
  "targets": [],
  "failures": []
}
)");
}

PartitionStatus waiting_partition() {
  PartitionStatus partition;
  partition.topic = "events";
  partition.reason = StallReason::suspect_record;
  partition.detail = "offset 100 of events/0 fails alone";
  partition.next = "it is tried again";
  partition.release = {"sluice act dead-letter deposits --topic events --partition 0"};
  partition.committed = 100;
  partition.log_end = 150;
  partition.lag = 50;
  partition.oldest_undelivered_seconds = 84.25;
  partition.in_flight = true;
  partition.unconfirmed_batches = 1;
  return partition;
}

TEST_F(StatusBoardTest, TheDocumentTellsEverythingAPartitionSaid) {
  board_.add("deposits", "sluice-deposits", "api", 0);
  WorkerStatus status = flowing();
  status.partitions = {waiting_partition()};
  status.partitions[0].since = clock_.wall_now();
  status.partitions[0].next_at = clock_.wall_now() + seconds(30);
  status.partitions.emplace_back().topic = "unknown";
  board_.publish("deposits", 0, status);
  const std::string json = board_.to_json();
  EXPECT_THAT(json, HasSubstr(R"(
              "topic": "events",
              "partition": 0,
              "reason": "suspect_record",
              "detail": "offset 100 of events/0 fails alone",
              "since": "2026-09-21T14:13:20.000Z",
              "next": "it is tried again",
              "next_at": "2026-09-21T14:13:50.000Z",
              "release": [
                "sluice act dead-letter deposits --topic events --partition 0"
              ],
              "committed": 100,
              "log_end": 150,
              "lag": 50,
              "oldest_undelivered_seconds": 84.25,
              "in_flight": true,
              "unconfirmed_batches": 1
)"));
  EXPECT_THAT(json, HasSubstr(R"(
              "next_at": null,
              "release": [],
              "committed": null,
              "log_end": null,
              "lag": null,
              "oldest_undelivered_seconds": null,
              "in_flight": false,
)"));
}

TEST_F(StatusBoardTest, TheDocumentTellsEverythingAWorkerSaid) {
  board_.add("deposits", "sluice-deposits", "api", 0);
  WorkerStatus status;
  status.reason = StallReason::breaker_open;
  status.detail = "target api: connection refused";
  status.since = clock_.wall_now();
  status.next = "one request tries again";
  status.next_at = clock_.wall_now() + seconds(60);
  status.release = {"sluice act retry deposits"};
  status.joined = true;
  status.last_error = "connection refused";
  status.last_error_at = clock_.wall_now() + seconds(1);
  status.records_consumed = 10;
  status.records_delivered = 7;
  status.records_dead_lettered = 2;
  status.records_dropped = 1;
  status.memory_bytes = 4096;
  status.memory_limit_bytes = 8192;
  status.requests_in_flight = 3;
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.to_json(), HasSubstr(R"(
          "worker": 0,
          "reason": "breaker_open",
          "detail": "target api: connection refused",
          "since": "2026-09-21T14:13:20.000Z",
          "next": "one request tries again",
          "next_at": "2026-09-21T14:14:20.000Z",
          "release": [
            "sluice act retry deposits"
          ],
          "joined": true,
          "last_error": "connection refused",
          "last_error_at": "2026-09-21T14:13:21.000Z",
          "records": {
            "consumed": 10,
            "delivered": 7,
            "dead_lettered": 2,
            "dropped": 1
          },
          "memory_bytes": 4096,
          "memory_limit_bytes": 8192,
          "requests_in_flight": 3,
          "partitions": []
)"));
}

TEST_F(StatusBoardTest, APipelineIsWhatItsWorkersComeToTogether) {
  Activity activity;
  board_.add("deposits", "sluice-deposits", "api", 0);
  board_.add("deposits", "sluice-deposits", "api", 1);
  board_.show("deposits", activity);
  WorkerStatus one = flowing();
  one.partitions = {waiting_partition()};
  one.records_consumed = 3;
  one.scalable_lag = 4;
  WorkerStatus other = one;
  other.partitions[0].oldest_undelivered_seconds = 5;
  other.reason = StallReason::unauthorized;
  other.detail = "target api: status 401";
  TenantStatus tenant;
  tenant.name = "acme";
  tenant.reason = StallReason::unauthorized;
  other.tenants = {tenant};
  activity.delivered(20);
  activity.dead_lettered(DeadLetterReason::schema);
  board_.publish("deposits", 0, one);
  clock_.advance(seconds(2));
  board_.publish("deposits", 1, other);
  const std::string json = board_.to_json();
  EXPECT_THAT(json, HasSubstr(R"(
      "name": "deposits",
      "group": "sluice-deposits",
      "target": "api",
      "state": "unauthorized",
      "detail": "target api: status 401",
)"));
  EXPECT_THAT(json, HasSubstr(R"(
      "lag": 100,
      "scalable_lag": 8,
      "oldest_undelivered_seconds": 84.25,
      "rates": {
        "records_per_second": 10.0,
        "requests_per_second": 0.0,
        "bytes_per_second": 0.0
      },
      "delivery_age_seconds": {
        "p50": null,
        "p99": null
      },
)"));
  EXPECT_THAT(json, HasSubstr(R"(
      "dead_letters": {
        "schema": 1
      },
      "records": {
        "consumed": 6,
)"));
  EXPECT_THAT(json, HasSubstr(R"(
          "name": "acme",
          "state": "unauthorized",
)"));
}

TEST_F(StatusBoardTest, TheHistoryIsThereForThoseWhoAsk) {
  Activity activity;
  board_.add("deposits", "g", "api", 0);
  board_.show("deposits", activity);
  board_.publish("deposits", 0, flowing());
  for (int i = 0; i < 12; ++i) {
    activity.delivered(10);
    clock_.advance(seconds(1));
    board_.publish("deposits", 0, flowing());
  }
  EXPECT_THAT(board_.to_json(), Not(HasSubstr("history")));
  EXPECT_THAT(board_.to_json(true), HasSubstr(R"("history": {
    "every_seconds": 5,
    "pipelines": {
      "deposits": {
        "records_per_second": [
          10.0,
          10.0
        ],
        "delivery_age_p50": [
          null,
          null
        ],
)"));
  board_.keep("deposits", 0);
  EXPECT_THAT(board_.to_json(true), Not(HasSubstr("deposits"))) << "the pipeline is gone";
}

TEST_F(StatusBoardTest, TheDocumentTellsWhichRequestsFailed) {
  board_.failures().add({.time = clock_.wall_now(),
                         .pipeline = "deposits",
                         .topic = "events",
                         .partition = 3,
                         .first_offset = 7,
                         .last_offset = 9,
                         .batch_id = "9f2c",
                         .verdict = Verdict::rejected,
                         .status = 422,
                         .detail = "status 422"});
  EXPECT_THAT(board_.to_json(), HasSubstr(R"(
      "time": "2026-09-21T14:13:20.000Z",
      "count": 1,
      "pipeline": "deposits",
      "topic": "events",
      "partition": 3,
      "first_offset": 7,
      "last_offset": 9,
      "batch_id": "9f2c",
      "verdict": "rejected",
      "status": 422,
      "detail": "status 422"
)"));
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
      "next": "",
      "next_at": null,
      "release": [],
      "throttled_until": null,
      "concurrency_limit": 8,
      "in_flight": 0,
      "waiting": 0,
      "budgets": [],
      "credentials": []
)"));
  target.breaker = BreakerState::open;
  target.reason = StallReason::unauthorized;
  target.detail = "401";
  target.next_at = clock_.wall_now() + seconds(5);
  target.throttled_until = clock_.wall_now() + seconds(6);
  target.budgets = {{"/deposits", "1000 requests/1s", 0.42}};
  target.credentials = {{"acme", clock_.wall_now(), std::nullopt, true}};
  const std::string json = board_.to_json();
  EXPECT_THAT(json, HasSubstr(R"("breaker": "open",
      "reason": "unauthorized",
      "detail": "401")"));
  EXPECT_THAT(json, HasSubstr(R"("next_at": "2026-09-21T14:13:25.000Z",
      "release": [],
      "throttled_until": "2026-09-21T14:13:26.000Z")"));
  EXPECT_THAT(json, HasSubstr(R"(
          "path": "/deposits",
          "limit": "1000 requests/1s",
          "used": 0.42
)"));
  EXPECT_THAT(json, HasSubstr(R"(
          "tenant": "acme",
          "in_use_since": "2026-09-21T14:13:20.000Z",
          "expires": null,
          "newest_refused": true
)"));
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
