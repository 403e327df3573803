// What all of a running Sluice has in common.
#pragma once

#include "base/clock.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::service {

// All of it outlives whoever is handed it, and is thread-safe.
struct Surroundings {
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::StatusBoard& status;
};

}  // namespace sluice::service
