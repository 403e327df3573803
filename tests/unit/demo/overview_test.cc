#include "demo/overview.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "telemetry/metrics.h"

namespace sluice::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OverviewTest : public testing::Test {
 protected:
  PipelineRow row() {
    return overview_.rows(clock_.now(), MetricReader(metrics_.serialize()), status_, {produced_})
        .front();
  }

  void requests(int count, milliseconds took, int status = 200) {
    for (int i = 0; i < count; ++i) {
      pipeline_.request_finished(status, Verdict::delivered, took, 1);
    }
  }

  void worker(std::uint32_t number, std::vector<std::int64_t> committed,
              StallReason reason = StallReason::flowing, const std::string& detail = "") {
    telemetry::WorkerStatus worker;
    worker.reason = reason;
    worker.detail = detail;
    for (const std::int64_t offset : committed) {
      worker.partitions.emplace_back().committed = offset;
    }
    status_[{"p", number}] = worker;
  }

  test::FakeClock clock_;
  telemetry::Metrics metrics_{"1"};
  telemetry::PipelineMetrics& pipeline_ = metrics_.pipeline("p", "t");
  telemetry::StatusBoard::Snapshot status_;
  std::uint64_t produced_ = 0;
  Overview overview_{{"p"}};
};

TEST_F(OverviewTest, CountersComeFromTheMetrics) {
  pipeline_.records_consumed(10, 100);
  pipeline_.records_delivered(7);
  pipeline_.record_dead_lettered(DeadLetterReason::not_json);
  pipeline_.record_dead_lettered(DeadLetterReason::rejected);
  requests(3, milliseconds(5), 429);
  EXPECT_EQ(row().consumed, 10U);
  EXPECT_EQ(row().delivered, 7U);
  EXPECT_EQ(row().dead_lettered, 2U);
  EXPECT_EQ(row().throttled, 3U);
}

TEST_F(OverviewTest, LagIsWhatNoWorkersCommitCovers) {
  produced_ = 100;
  worker(0, {10, -1});
  worker(1, {20});
  status_[{"other", 0}].partitions.emplace_back().committed = 60;
  EXPECT_EQ(row().lag, 70U);
  worker(1, {95});  // the broker has more than is known to be written
  EXPECT_EQ(row().lag, 0U);
}

TEST_F(OverviewTest, RatesAndP99AreOfTheLastSeconds) {
  requests(1000, seconds(20));
  row();
  for (int second = 0; second < 6; ++second) {
    clock_.advance(seconds(1));
    requests(10, milliseconds(4));
    row();
  }
  EXPECT_DOUBLE_EQ(row().requests_per_second, 10);
  EXPECT_EQ(row().p99_seconds, 0.005);
}

TEST_F(OverviewTest, TheRateFallsAsSoonAsRequestsStop) {
  for (int second = 0; second < 4; ++second) {
    requests(100, milliseconds(4));
    row();
    clock_.advance(seconds(1));
  }
  row();
  clock_.advance(seconds(1));
  EXPECT_EQ(row().requests_per_second, 0);
  EXPECT_EQ(row().p99_seconds, 0.005) << "of a longer time";
}

TEST_F(OverviewTest, WithoutRequestsThereIsNoP99) {
  row();
  clock_.advance(seconds(1));
  EXPECT_EQ(row().p99_seconds, std::nullopt);
  EXPECT_EQ(row().requests_per_second, 0);
}

TEST_F(OverviewTest, TheFirstWorkerThatStandsStillSpeaksForThePipeline) {
  worker(0, {});
  worker(1, {}, StallReason::throttled, "429");
  EXPECT_EQ(row().reason, StallReason::throttled);
  EXPECT_EQ(row().detail, "429");
  EXPECT_FALSE(row().breaker_open);
}

TEST_F(OverviewTest, ReasonsThatOpenTheBreakerShowIt) {
  for (const auto reason :
       {StallReason::breaker_open, StallReason::unauthorized, StallReason::misconfigured}) {
    worker(0, {}, reason);
    EXPECT_TRUE(row().breaker_open);
  }
}

}  // namespace
}  // namespace sluice::demo
