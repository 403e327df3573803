// How long ago each worker's loop turned, read at each scrape: one that stands still tells nothing.
// Private to telemetry.
#pragma once

#include <prometheus/collectable.h>

#include <chrono>
#include <string>
#include <vector>

#include "telemetry/families.h"
#include "telemetry/status.h"

namespace sluice::telemetry {

class BeatMetrics final : public prometheus::Collectable {
 public:
  explicit BeatMetrics(const StatusBoard& board) : board_(board) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    auto ages = family_of(kWorkerLastBeatAge, prometheus::MetricType::Gauge);
    for (const BeatAge& beat : board_.beat_ages()) {
      add_gauge(ages, std::chrono::duration<double>(beat.age).count());
      ages.metric.back().label = {{"pipeline", beat.pipeline},
                                  {"target", beat.target},
                                  {kWorkerLastBeatAge.labels[0], std::to_string(beat.worker)}};
    }
    return {ages};
  }

 private:
  const StatusBoard& board_;
};

}  // namespace sluice::telemetry
