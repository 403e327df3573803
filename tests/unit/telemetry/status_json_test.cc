// The document of GET /status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/version.h"
#include "support/fake_clock.h"
#include "telemetry/status.h"

namespace sluice::telemetry {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class StatusJsonTest : public testing::Test {
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

TEST_F(StatusJsonTest, TheDocumentOfNoPipelinesIsWhole) {
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

TEST_F(StatusJsonTest, TheDocumentTellsEverythingAPartitionSaid) {
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

TEST_F(StatusJsonTest, TheDocumentTellsEverythingAWorkerSaid) {
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
          "seen": "2026-09-21T14:13:20.000Z",
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

TEST_F(StatusJsonTest, APipelineIsWhatItsWorkersComeToTogether) {
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

TEST_F(StatusJsonTest, TheHistoryIsThereForThoseWhoAsk) {
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

TEST_F(StatusJsonTest, TheDocumentTellsWhichRequestsFailed) {
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

TEST_F(StatusJsonTest, TheDocumentTellsHowEachTargetIs) {
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

TEST_F(StatusJsonTest, APipelineFlowsOnlyWhenAllItsWorkersDo) {
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

TEST_F(StatusJsonTest, ForeignBytesDoNotSpoilTheDocument) {
  board_.add("deposits", "g", "api", 0);
  WorkerStatus status = flowing();
  status.last_error = "bad \xff \"quote\"\n";
  board_.publish("deposits", 0, status);
  EXPECT_THAT(board_.to_json(), HasSubstr("\"bad \xEF\xBF\xBD \\\"quote\\\"\\n\""));
}

TEST_F(StatusJsonTest, WhatASilentWorkerSaidLastIsNotToldAsIfItWereNow) {
  Activity activity;
  board_.add("deposits", "g", "api", 0);
  board_.show("deposits", activity);
  WorkerStatus status = flowing();
  status.partitions = {waiting_partition()};
  status.scalable_lag = 50;
  board_.publish("deposits", 0, status);
  activity.delivered(1000);
  clock_.advance(seconds(1));
  board_.publish("deposits", 0, status);
  board_.beat("deposits", 0);
  EXPECT_THAT(board_.to_json(), HasSubstr(R"("records_per_second": 1000.0)"));
  clock_.advance(seconds(20));
  const std::string json = board_.to_json(true);
  EXPECT_THAT(json, HasSubstr(R"(
      "state": "not_responding",
      "detail": "its loop has not turned for 20 s; what is shown of it is of that time",
)"));
  EXPECT_THAT(json, HasSubstr(R"("records_per_second": 0.0)"));
  EXPECT_THAT(json, HasSubstr(R"("seen": "2026-09-21T14:13:21.000Z")"));
  EXPECT_THAT(json, HasSubstr(R"("scalable_lag": 0)"));
  EXPECT_THAT(json, HasSubstr(R"("lag": 50)")) << "the last that is known";
  EXPECT_THAT(json, Not(HasSubstr("suspect_record"))) << "nobody knows whether it still is";
  EXPECT_THAT(json, HasSubstr(R"(
          0.0,
          0.0,
          0.0,
)")) << "the curve goes on";
}

TEST_F(StatusJsonTest, OneSilentWorkerSpeaksForThePipeline) {
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  WorkerStatus parked = flowing();
  parked.reason = StallReason::unauthorized;
  clock_.advance(seconds(20));
  board_.publish("deposits", 0, parked);
  board_.beat("deposits", 0);
  EXPECT_THAT(board_.to_json(), HasSubstr(R"("state": "not_responding")"));
}

}  // namespace
}  // namespace sluice::telemetry
