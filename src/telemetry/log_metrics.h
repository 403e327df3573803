// The lines of the log, counted where they are written. Private to telemetry.
#pragma once

#include <prometheus/collectable.h>

#include <cstddef>
#include <vector>

#include "telemetry/families.h"
#include "telemetry/log.h"

namespace sluice::telemetry {

class LogMetrics final : public prometheus::Collectable {
 public:
  explicit LogMetrics(const Log& log) : log_(log) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    const LogCounts counts = log_.counts();
    auto lines = family_of(kLogLines, prometheus::MetricType::Counter);
    for (std::size_t i = 0; i < kAllLevels.size(); ++i) {
      add_counter(lines, kLogLines, static_cast<double>(counts.lines.at(i)),
                  to_string(kAllLevels.at(i)));
    }
    auto held_back = family_of(kLogLinesHeldBack, prometheus::MetricType::Counter);
    add_counter(held_back, kLogLinesHeldBack, static_cast<double>(counts.held_back));
    return {lines, held_back};
  }

 private:
  const Log& log_;
};

}  // namespace sluice::telemetry
