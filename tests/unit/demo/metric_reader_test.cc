#include "demo/metric_reader.h"

#include <gtest/gtest.h>

#include <cmath>

#include "telemetry/metric_list.h"
#include "telemetry/metrics.h"

namespace sluice::demo {
namespace {

TEST(MetricReader, AddsUpTheSamplesWithTheLabels) {
  const MetricReader metrics(
      "# HELP requests_total Requests.\n"
      "# TYPE requests_total counter\n"
      "requests_total{pipeline=\"a\",status=\"2xx\"} 10\n"
      "requests_total{pipeline=\"a\",status=\"429\"} 2\n"
      "requests_total{pipeline=\"b\",status=\"2xx\"} 5\n"
      "requests_total_more{pipeline=\"a\"} 100\n");
  EXPECT_EQ(metrics.sum("requests_total", {}), 17);
  EXPECT_EQ(metrics.sum("requests_total", {{"pipeline", "a"}}), 12);
  EXPECT_EQ(metrics.sum("requests_total", {{"pipeline", "a"}, {"status", "429"}}), 2);
  EXPECT_EQ(metrics.sum("requests_total", {{"pipeline", "c"}}), 0);
  EXPECT_EQ(metrics.sum("other", {}), 0);
}

TEST(MetricReader, ReadsNamesWithoutLabelsAndLargeNumbers) {
  const MetricReader metrics("plain 1.5\nlarge 1.25e+06\nlast 3");
  EXPECT_EQ(metrics.sum("plain", {}), 1.5);
  EXPECT_EQ(metrics.sum("large", {}), 1'250'000);
  EXPECT_EQ(metrics.sum("last", {}), 3);
}

TEST(MetricReader, ReadsLabelValuesWithEscapes) {
  const MetricReader metrics(R"(m{a="x\"} \\ ,y\nz",b="2"} 7)");
  EXPECT_EQ(metrics.sum("m", {{"a", "x\"} \\ ,y\nz"}, {"b", "2"}}), 7);
}

TEST(MetricReader, PassesOverWhatIsNoSample) {
  const MetricReader metrics("m{a=\"1\" 1\nm{a=1} 1\nm{ 1\nm\nm x\nm{a=\"1\"}1\n\nm{a=\"1\"} 4\n");
  EXPECT_EQ(metrics.sum("m", {}), 4);
}

TEST(MetricReader, ReadsWhatTheServiceWrites) {
  telemetry::Metrics written("1");
  auto& pipeline = written.pipeline("p", "t");
  pipeline.request_finished(429, Verdict::throttled, std::chrono::milliseconds(3), 10);
  pipeline.request_finished(200, Verdict::delivered, std::chrono::milliseconds(3), 10);
  const MetricReader read(written.serialize());
  EXPECT_EQ(read.sum(telemetry::kRequests.name, {{"pipeline", "p"}, {"status", "429"}}), 1);
  const auto seconds = read.histogram(telemetry::kRequestSeconds.name, {{"pipeline", "p"}});
  EXPECT_EQ(seconds.at(0.0025), 0);
  EXPECT_EQ(seconds.at(0.005), 2);
  EXPECT_TRUE(std::isinf(seconds.rbegin()->first));
}

TEST(QuantileBound, IsTheBoundThatHoldsTheShare) {
  const Histogram none;
  EXPECT_EQ(quantile_bound(none, {{0.1, 98}, {0.2, 99}, {0.5, 100}, {HUGE_VAL, 100}}, 0.99), 0.2);
  EXPECT_EQ(quantile_bound(none, {{0.1, 100}, {HUGE_VAL, 100}}, 0.99), 0.1);
}

TEST(QuantileBound, LooksOnlyAtWhatCameBetween) {
  EXPECT_EQ(quantile_bound({{0.1, 0}, {1, 500}, {HUGE_VAL, 500}},
                           {{0.1, 10}, {1, 510}, {HUGE_VAL, 510}}, 0.99),
            0.1);
}

TEST(QuantileBound, IsNothingWithoutObservationsAndInfiniteAboveTheLastBound) {
  const Histogram seen = {{0.1, 10}, {HUGE_VAL, 10}};
  EXPECT_EQ(quantile_bound(seen, seen, 0.99), std::nullopt);
  EXPECT_EQ(quantile_bound({}, {}, 0.99), std::nullopt);
  EXPECT_TRUE(std::isinf(*quantile_bound(seen, {{0.1, 10}, {HUGE_VAL, 12}}, 0.99)));
}

}  // namespace
}  // namespace sluice::demo
