// What is told of each attempt: to metrics, and of one that did not deliver everything to the log.
#pragma once

#include <cstddef>
#include <string>

#include "deliver/delivery.h"
#include "deliver/reactions.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

class AttemptLog {
 public:
  // What is passed by reference outlives it.
  AttemptLog(const std::string& pipeline, telemetry::PipelineMetrics& metrics, telemetry::Log& log)
      : pipeline_(pipeline), metrics_(metrics), log_(log) {}

  // Before the delivery reacts to the reply. `bytes`: of the attempt's body.
  void note(const Delivery& delivery, std::size_t bytes, const Reply& reply);

  // Plain words about the last attempt that was not delivered; empty where there was none.
  const std::string& last_error() const { return last_error_; }

 private:
  const std::string& pipeline_;
  telemetry::PipelineMetrics& metrics_;
  telemetry::Log& log_;
  std::string last_error_;
};

}  // namespace sluice::deliver
