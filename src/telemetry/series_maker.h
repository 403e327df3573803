// Prometheus series from what metric_list.h says of them. Private to telemetry.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "telemetry/metric_list.h"

namespace sluice::telemetry {

// As a gauge has it: seconds since 1970, 0 where there is none.
inline double timestamp(std::optional<WallTime> when) {
  const auto since_1970 = when ? when->time_since_epoch() : WallTime::duration::zero();
  return std::chrono::duration<double>(since_1970).count();
}

// Makes series with labels that they have in common, then the metric's own with the values given.
class SeriesMaker {
 public:
  SeriesMaker(prometheus::Registry& registry, prometheus::Labels common)
      : registry_(registry), common_(std::move(common)) {}

  using Values = std::initializer_list<std::string_view>;

  prometheus::Counter& make(const CounterInfo& info, Values values = {}) const {
    return family(info).Add(labels(info, values));
  }
  prometheus::Gauge& make(const GaugeInfo& info, Values values = {}) const {
    return family(info).Add(labels(info, values));
  }
  prometheus::Histogram& make(const HistogramInfo& info) const {
    return prometheus::BuildHistogram().Name(info.name).Help(info.help).Register(registry_).Add(
        labels(info, {}),
        prometheus::Histogram::BucketBoundaries(info.buckets.begin(), info.buckets.end()));
  }
  // Nobody uses it from here on.
  void remove(const GaugeInfo& info, prometheus::Gauge* gauge) const { family(info).Remove(gauge); }
  void remove(const CounterInfo& info, prometheus::Counter* counter) const {
    family(info).Remove(counter);
  }

 private:
  // The registry answers with the same family each time it is asked for the same name.
  prometheus::Family<prometheus::Counter>& family(const CounterInfo& info) const {
    return prometheus::BuildCounter().Name(info.name).Help(info.help).Register(registry_);
  }
  prometheus::Family<prometheus::Gauge>& family(const GaugeInfo& info) const {
    return prometheus::BuildGauge().Name(info.name).Help(info.help).Register(registry_);
  }
  prometheus::Labels labels(const MetricInfo& info, Values values) const {
    prometheus::Labels all = common_;
    auto name = info.labels.begin();
    for (const std::string_view value : values) all.emplace(*name++, value);
    return all;
  }

  prometheus::Registry& registry_;
  prometheus::Labels common_;
};

}  // namespace sluice::telemetry
