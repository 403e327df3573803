#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "telemetry/log.h"

namespace sluice::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  std::string value_of(const std::string& series) const {
    std::istringstream lines(metrics_.serialize());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(series + ' ')) return line.substr(series.size() + 1);
    }
    return "no such series";
  }

  Metrics metrics_{"VERSION"};
  PipelineMetrics& deposits_ = metrics_.pipeline("deposits", "api");
  TargetMetrics& api_ = metrics_.target("api");
  CredentialMetrics& credential_ = metrics_.credential("api", "acme");
};

TEST_F(MetricsTest, CountersStandAtZeroFromTheStart) {
  EXPECT_EQ(value_of(R"(sluice_requests_total{pipeline="deposits",status="5xx",target="api",)"
                     R"(verdict="retry"})"),
            "0");
  EXPECT_EQ(value_of(R"(sluice_dead_letters_total{pipeline="deposits",reason="schema",)"
                     R"(target="api"})"),
            "0");
  EXPECT_THAT(metrics_.serialize(), Not(HasSubstr("sluice_lag_records")));
}

TEST_F(MetricsTest, CountsRecordsThroughTheirWay) {
  deposits_.records_consumed(10, 7800);
  deposits_.records_delivered(7);
  deposits_.records_dropped(2);
  deposits_.record_dead_lettered(DeadLetterReason::not_json);
  deposits_.dead_letter_write_failed();
  const std::string labels = R"({pipeline="deposits",target="api"})";
  EXPECT_EQ(value_of("sluice_records_consumed_total" + labels), "10");
  EXPECT_EQ(value_of("sluice_record_bytes_consumed_total" + labels), "7800");
  EXPECT_EQ(value_of("sluice_records_delivered_total" + labels), "7");
  EXPECT_EQ(value_of("sluice_records_dropped_total" + labels), "2");
  EXPECT_EQ(value_of("sluice_dead_letter_write_failures_total" + labels), "1");
  EXPECT_EQ(value_of(R"(sluice_dead_letters_total{pipeline="deposits",reason="not_json",)"
                     R"(target="api"})"),
            "1");
}

TEST_F(MetricsTest, TellsHowATargetIs) {
  api_.set_breaker(BreakerState::half_open);
  api_.breaker_opened();
  api_.throttled(milliseconds(1500));
  api_.throttled(seconds(1));
  api_.set_concurrency(8, 3);
  EXPECT_EQ(value_of(R"(sluice_target_breaker_state{state="half_open",target="api"})"), "1");
  EXPECT_EQ(value_of(R"(sluice_target_breaker_state{state="closed",target="api"})"), "0");
  EXPECT_EQ(value_of(R"(sluice_target_breaker_opened_total{target="api"})"), "1");
  EXPECT_EQ(value_of(R"(sluice_target_throttled_seconds_total{target="api"})"), "2.5");
  EXPECT_EQ(value_of(R"(sluice_target_concurrency_limit{target="api"})"), "8");
  EXPECT_EQ(value_of(R"(sluice_target_requests_in_flight{target="api"})"), "3");
}

TEST_F(MetricsTest, TellsHowACredentialIs) {
  const std::string labels = R"({target="api",tenant="acme"})";
  const WallTime moment(seconds(1'790'000'000));
  credential_.set_in_use_since(moment);
  credential_.set_newest_refused(true);
  credential_.changed();
  EXPECT_EQ(value_of("sluice_credential_in_use_since_timestamp_seconds" + labels), "1790000000");
  EXPECT_EQ(value_of("sluice_credential_expires_timestamp_seconds" + labels), "0");
  EXPECT_EQ(value_of("sluice_credential_newest_refused" + labels), "1");
  EXPECT_EQ(value_of("sluice_credential_changes_total" + labels), "1");
  credential_.set_expires(moment + seconds(1));
  api_.set_certificate_expires(moment);
  EXPECT_EQ(value_of("sluice_credential_expires_timestamp_seconds" + labels), "1790000001");
  EXPECT_EQ(value_of(R"(sluice_target_certificate_expires_timestamp_seconds{target="api"})"),
            "1790000000");
  credential_.set_expires(std::nullopt);
  api_.set_certificate_expires(std::nullopt);
  EXPECT_EQ(value_of("sluice_credential_expires_timestamp_seconds" + labels), "0");
  EXPECT_EQ(value_of(R"(sluice_target_certificate_expires_timestamp_seconds{target="api"})"), "0");
}

TEST_F(MetricsTest, TellsWhenTheCertificateForKafkaExpires) {
  const std::string name = "sluice_kafka_certificate_expires_timestamp_seconds";
  EXPECT_EQ(value_of(name), "0");
  metrics_.set_kafka_certificate_expires(WallTime(seconds(1'790'000'000)));
  EXPECT_EQ(value_of(name), "1790000000");
  metrics_.set_kafka_certificate_expires(std::nullopt);
  EXPECT_EQ(value_of(name), "0");
}

TEST_F(MetricsTest, CountsBatchesByWhatClosedThem) {
  deposits_.batch_closed(CloseReason::linger, 3, 2000);
  EXPECT_EQ(value_of(R"(sluice_batches_closed_total{pipeline="deposits",reason="linger",)"
                     R"(target="api"})"),
            "1");
  EXPECT_EQ(value_of(R"(sluice_batch_records_sum{pipeline="deposits",target="api"})"), "3");
  EXPECT_EQ(value_of(R"(sluice_batch_bytes_bucket{pipeline="deposits",target="api",le="1024"})"),
            "0");
  EXPECT_EQ(value_of(R"(sluice_batch_bytes_bucket{pipeline="deposits",target="api",le="4096"})"),
            "1");
}

struct StatusCase {
  int status;
  const char* label;
};

class StatusLabel : public MetricsTest, public testing::WithParamInterface<StatusCase> {};

TEST_P(StatusLabel, IsTheClassAnd429ByItself) {
  deposits_.request_finished(GetParam().status, Verdict::retry, milliseconds(20), 512);
  EXPECT_EQ(value_of(std::string(R"(sluice_requests_total{pipeline="deposits",status=")") +
                     GetParam().label + R"(",target="api",verdict="retry"})"),
            "1");
  EXPECT_EQ(value_of(R"(sluice_request_body_bytes_total{pipeline="deposits",target="api"})"),
            "512");
  EXPECT_EQ(value_of(R"(sluice_request_seconds_count{pipeline="deposits",target="api"})"), "1");
}

INSTANTIATE_TEST_SUITE_P(AnyNumber, StatusLabel,
                         testing::Values(StatusCase{0, "none"}, StatusCase{200, "2xx"},
                                         StatusCase{204, "2xx"}, StatusCase{302, "3xx"},
                                         StatusCase{400, "4xx"}, StatusCase{428, "4xx"},
                                         StatusCase{429, "429"}, StatusCase{503, "5xx"},
                                         StatusCase{999, "none"}, StatusCase{-1, "none"}));

TEST_F(MetricsTest, AnAgeBelowZeroCountsAsZero) {
  deposits_.batch_delivered(seconds(-5));
  deposits_.batch_delivered(milliseconds(1500));
  EXPECT_EQ(value_of(R"(sluice_delivery_age_seconds_sum{pipeline="deposits",target="api"})"),
            "1.5");
  EXPECT_EQ(value_of(R"(sluice_delivery_age_seconds_count{pipeline="deposits",target="api"})"),
            "2");
}

TEST_F(MetricsTest, CountsCommitsRebalancesAndStalledSeconds) {
  deposits_.commit_confirmed();
  deposits_.commit_failed();
  deposits_.rebalanced();
  deposits_.stalled(StallReason::breaker_open, milliseconds(250));
  deposits_.stalled(StallReason::breaker_open, milliseconds(500));
  deposits_.stalled(StallReason::flowing, seconds(100));
  deposits_.stalled(StallReason::retrying, seconds(100));
  const std::string labels = R"({pipeline="deposits",target="api"})";
  EXPECT_EQ(value_of("sluice_commits_total" + labels), "1");
  EXPECT_EQ(value_of("sluice_commit_failures_total" + labels), "1");
  EXPECT_EQ(value_of("sluice_rebalances_total" + labels), "1");
  EXPECT_EQ(value_of(R"(sluice_stalled_seconds_total{pipeline="deposits",reason="breaker_open",)"
                     R"(target="api"})"),
            "0.75");
  EXPECT_THAT(metrics_.serialize(), Not(HasSubstr("reason=\"flowing\"")));
  EXPECT_EQ(value_of(R"(sluice_stalled_seconds_total{pipeline="deposits",reason="retrying",)"
                     R"(target="api"})"),
            "no such series");
}

TEST_F(MetricsTest, APartitionThatLeavesTakesItsLagAlong) {
  const std::string lag = R"(sluice_lag_records{partition="3",pipeline="deposits",target="api",)"
                          R"(topic="events"})";
  deposits_.set_lag("events", 3, 42);
  deposits_.set_lag("events", 4, 1);
  EXPECT_EQ(value_of(lag), "42");
  deposits_.set_lag("events", 3, 41);
  EXPECT_EQ(value_of(lag), "41");
  deposits_.forget_partition("events", 3);
  deposits_.forget_partition("events", 3);
  EXPECT_EQ(value_of(lag), "no such series");
  EXPECT_THAT(metrics_.serialize(), HasSubstr("partition=\"4\""));
  deposits_.set_lag("events", 3, 7);
  EXPECT_EQ(value_of(lag), "7");
}

// A broker's names are no more than letters, digits and "._-", but that is its word.
TEST_F(MetricsTest, ATopicsNameDoesNotLeaveItsLabel) {
  const std::string before = metrics_.serialize();
  deposits_.set_lag("a\"} 1\nforged{b=\"\\", 0, 7);
  EXPECT_EQ(value_of(R"(sluice_lag_records{partition="0",pipeline="deposits",target="api",)"
                     R"(topic="a\"} 1\nforged{b=\"\\"})"),
            "7");
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(metrics_.serialize()), lines(before) + 3) << "one series, its help and its type";
}

TEST_F(MetricsTest, APartitionThatLeavesTakesItsAgeAlong) {
  const std::string age =
      R"(sluice_oldest_undelivered_age_seconds{partition="3",pipeline="deposits",target="api",)"
      R"(topic="events"})";
  deposits_.set_oldest_undelivered("events", 3, milliseconds(84'200));
  EXPECT_EQ(value_of(age), "84.2");
  deposits_.set_oldest_undelivered("events", 3, seconds(-1));
  EXPECT_EQ(value_of(age), "0");
  deposits_.forget_partition("events", 3);
  EXPECT_EQ(value_of(age), "no such series");
}

TEST_F(MetricsTest, CountsRetries) {
  const std::string retries = R"(sluice_request_retries_total{pipeline="deposits",target="api"})";
  EXPECT_EQ(value_of(retries), "0");
  deposits_.request_retried();
  EXPECT_EQ(value_of(retries), "1");
}

TEST_F(MetricsTest, GaugesOfAWorkerCarryItsNumberAndGoWithIt) {
  deposits_.set_worker(1, {.memory_bytes = 1 << 20,
                           .memory_limit_bytes = 4 << 20,
                           .requests_in_flight = 3,
                           .unconfirmed_batches = 2});
  const std::string labels = R"({pipeline="deposits",target="api",worker="1"})";
  EXPECT_EQ(value_of("sluice_worker_memory_bytes" + labels), "1048576");
  EXPECT_EQ(value_of("sluice_worker_requests_in_flight" + labels), "3");
  EXPECT_EQ(value_of("sluice_worker_unconfirmed_batches" + labels), "2");
  EXPECT_EQ(value_of("sluice_worker_memory_limit_bytes" + labels), "4194304");
  deposits_.forget_worker(1);
  deposits_.forget_worker(1);
  EXPECT_THAT(metrics_.serialize(), Not(HasSubstr("worker=\"1\"")));
}

TEST_F(MetricsTest, AddsUpWhatStandsStillOverTheWorkers) {
  const auto stalled = [&](const std::string& what, const std::string& reason) {
    return value_of("sluice_stalled_" + what + R"({pipeline="deposits",reason=")" + reason +
                    R"(",target="api"})");
  };
  const std::string scalable = R"(sluice_scalable_lag_records{pipeline="deposits",target="api"})";
  EXPECT_EQ(stalled("workers", "breaker_open"), "0");
  EXPECT_EQ(value_of(scalable), "0");
  WorkerLoad load;
  load.reason = StallReason::breaker_open;
  load.partitions = {StallReason::breaker_open, StallReason::flowing, StallReason::retrying};
  load.scalable_lag = 40;
  deposits_.set_worker(0, load);
  load.partitions = {StallReason::breaker_open};
  load.scalable_lag = 2;
  deposits_.set_worker(1, load);
  EXPECT_EQ(stalled("workers", "breaker_open"), "2");
  EXPECT_EQ(stalled("partitions", "breaker_open"), "2");
  EXPECT_EQ(stalled("partitions", "retrying"), "1");
  EXPECT_EQ(stalled("partitions", "flowing"), "no such series");
  EXPECT_EQ(value_of(scalable), "42");
  deposits_.set_worker(0, {});
  EXPECT_EQ(stalled("workers", "breaker_open"), "1");
  EXPECT_EQ(value_of(scalable), "2");
  deposits_.forget_worker(1);
  EXPECT_EQ(stalled("workers", "breaker_open"), "0");
  EXPECT_EQ(stalled("partitions", "breaker_open"), "0");
  EXPECT_EQ(value_of(scalable), "0");
}

TEST_F(MetricsTest, ABudgetCountsWhatIsSpentUntilTheTargetHasOthers) {
  const std::string labels = R"({limit="10 requests/1s",path="/bets",target="api"})";
  const std::string others = R"({limit="1MiB/1m",path="",target="api"})";
  const std::vector<BudgetName> both{{"", "1MiB/1m"}, {"/bets", "10 requests/1s"}};
  const auto shown = api_.set_budgets(both);
  ASSERT_EQ(shown.size(), 2U);
  shown[0]->spent(780);
  shown[1]->spent(1);
  shown[1]->set_per_second(8.1);
  EXPECT_EQ(value_of("sluice_target_budget_spent_total" + others), "780");
  EXPECT_EQ(value_of("sluice_target_budget_spent_total" + labels), "1");
  EXPECT_EQ(value_of("sluice_target_budget_per_second" + labels), "8.1");

  const auto next = api_.set_budgets({{"/bets", "10 requests/1s"}});
  next[0]->spent(1);
  shown[1]->spent(1);  // of what is under way at the one before
  shown[0]->spent(1);
  shown[0]->set_per_second(1);
  EXPECT_EQ(value_of("sluice_target_budget_spent_total" + labels), "3");
  EXPECT_EQ(value_of("sluice_target_budget_spent_total" + others), "no such series");
  EXPECT_EQ(value_of("sluice_target_budget_per_second" + others), "no such series");
}

TEST_F(MetricsTest, ACredentialThatIsGoneTakesItsSeriesAlong) {
  credential_.set_newest_refused(true);
  credential_.changed();
  credential_.forget();
  credential_.forget();
  credential_.set_newest_refused(true);  // who still has it may tell
  credential_.set_in_use_since(WallTime(seconds(1)));
  credential_.set_expires(WallTime(seconds(1)));
  credential_.changed();
  EXPECT_THAT(metrics_.serialize(), Not(HasSubstr("tenant=\"acme\"")));
  EXPECT_EQ(&metrics_.credential("api", "acme"), &credential_);
  credential_.changed();
  EXPECT_EQ(value_of(R"(sluice_credential_changes_total{target="api",tenant="acme"})"), "1");
  EXPECT_EQ(value_of(R"(sluice_credential_newest_refused{target="api",tenant="acme"})"), "0");
}

TEST_F(MetricsTest, TellsOfTheProcessAndItsConfiguration) {
  EXPECT_EQ(value_of(R"(sluice_config_reloads_total{result="refused"})"), "0");
  metrics_.reloaded(true);
  metrics_.reloaded(false);
  metrics_.reloaded(false);
  metrics_.set_memory_budget(64 << 20);
  EXPECT_EQ(value_of(R"(sluice_config_reloads_total{result="done"})"), "1");
  EXPECT_EQ(value_of(R"(sluice_config_reloads_total{result="refused"})"), "2");
  EXPECT_EQ(value_of("sluice_memory_budget_bytes"), "67108864");
}

class CountingLog final : public Log {
 public:
  void write(Level, Event, const std::vector<Field>&) override {}
  LogCounts counts() const override { return counts_; }
  LogCounts counts_;
};

TEST_F(MetricsTest, CountsTheLinesOfTheLogWhenTheyAreAskedFor) {
  CountingLog log;
  metrics_.count_lines_of(log);
  EXPECT_EQ(value_of(R"(sluice_log_lines_total{level="warn"})"), "0");
  log.counts_ = {.lines = {0, 3, 2, 1}, .held_back = 7};
  EXPECT_EQ(value_of(R"(sluice_log_lines_total{level="info"})"), "3");
  EXPECT_EQ(value_of(R"(sluice_log_lines_total{level="error"})"), "1");
  EXPECT_EQ(value_of("sluice_log_lines_held_back_total"), "7");
}

TEST_F(MetricsTest, PipelinesAreCountedApartAndKeepTheirCounters) {
  PipelineMetrics& bets = metrics_.pipeline("bets", "api");
  bets.records_delivered(1);
  metrics_.pipeline("deposits", "api").records_delivered(2);
  EXPECT_EQ(&metrics_.pipeline("deposits", "api"), &deposits_);
  EXPECT_EQ(value_of(R"(sluice_records_delivered_total{pipeline="deposits",target="api"})"), "2");
  EXPECT_EQ(value_of(R"(sluice_records_delivered_total{pipeline="bets",target="api"})"), "1");
}

TEST_F(MetricsTest, ThreadsCountTogetherWhileTheTextIsMade) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      PipelineMetrics& mine = metrics_.pipeline("deposits", "api");
      for (int round = 0; round < kRounds; ++round) {
        mine.request_finished(200, Verdict::delivered, milliseconds(1), 10);
        mine.set_lag("events", i, round);
        mine.forget_partition("events", i);
      }
    });
  }
  for (int round = 0; round < 5; ++round) metrics_.serialize();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(value_of(R"(sluice_requests_total{pipeline="deposits",status="2xx",target="api",)"
                     R"(verdict="delivered"})"),
            std::to_string(kThreads * kRounds));
}

}  // namespace
}  // namespace sluice::telemetry
