// What is told of each attempt: to metrics, and of one that did not deliver everything to the log.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "deliver/delivery.h"
#include "deliver/reactions.h"
#include "telemetry/failures.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

class AttemptLog {
 public:
  // What is passed by reference outlives it.
  AttemptLog(const std::string& pipeline, const Clock& clock, telemetry::PipelineMetrics& metrics,
             telemetry::Failures& failures, telemetry::Log& log)
      : pipeline_(pipeline), clock_(clock), metrics_(metrics), failures_(failures), log_(log) {}

  // Before the delivery reacts to the reply. `bytes`: of the attempt's body.
  void note(const Delivery& delivery, std::size_t bytes, const Reply& reply);

  // Plain words about the last attempt that was not delivered; empty where there was none.
  const std::string& last_error() const { return last_error_; }
  std::optional<WallTime> last_error_at() const { return last_error_at_; }

 private:
  const std::string& pipeline_;
  const Clock& clock_;
  telemetry::PipelineMetrics& metrics_;
  telemetry::Failures& failures_;
  telemetry::Log& log_;
  std::string last_error_;
  std::optional<WallTime> last_error_at_;
};

}  // namespace sluice::deliver
