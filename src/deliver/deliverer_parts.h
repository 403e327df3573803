// What a deliverer works with.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "batch/batch_pool.h"
#include "batch/memory_meter.h"
#include "deliver/admission.h"
#include "deliver/credentials.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "telemetry/failures.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

// All of it outlives the deliverer.
struct DelivererParts {
  http::Sender& http;
  Credentials& credentials;
  const VerdictRules& rules;
  Admission& admission;
  const Clock& clock;
  Random& random;
  batch::MemoryMeter& memory;
  batch::BatchPool& pool;
  telemetry::PipelineMetrics& metrics;
  telemetry::Failures& failures;
  telemetry::Log& log;
};

}  // namespace sluice::deliver
