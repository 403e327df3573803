// Families of metrics that are read when they are scraped. Private to telemetry.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>

#include "telemetry/metric_list.h"

namespace sluice::telemetry {

inline prometheus::MetricFamily family_of(const MetricInfo& info, prometheus::MetricType type) {
  return {info.name, info.help, type, {}};
}

// `label`: the value of the metric's first own label; empty where it has none.
inline void add_counter(prometheus::MetricFamily& family, const CounterInfo& info, double value,
                        std::string_view label = {}) {
  prometheus::ClientMetric metric;
  if (!label.empty()) metric.label.push_back({info.labels[0], std::string(label)});
  metric.counter.value = value;
  family.metric.push_back(std::move(metric));
}

inline void add_gauge(prometheus::MetricFamily& family, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

}  // namespace sluice::telemetry
