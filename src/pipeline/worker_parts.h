// What a worker is made of and works with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/record_writer.h"
#include "config/config.h"
#include "deliver/credentials.h"
#include "deliver/pipeline_admission.h"
#include "deliver/verdict_rules.h"
#include "kafka/options.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::pipeline {

struct WorkerOptions {
  config::Pipeline pipeline;
  config::Target target;
  kafka::ConsumerOptions consumer = {};
  std::uint32_t number = 0;
  std::size_t memory_share = 0;  // bytes of arenas and dead letters; no other worker can take it
  std::size_t dead_letter_window = 0;  // bytes of dead letters that are being written at once
  std::uint64_t seed = 0;              // of jitter
};

// Shared with other workers; all of it thread-safe, all of it outlives the worker.
struct WorkerParts {
  const Clock& clock;
  RecordWriter* dead_letters;  // null where the pipeline has dead_letter: none
  deliver::Credentials& credentials;
  const deliver::VerdictRules& rules;
  deliver::AdmissionParts admission;
  telemetry::PipelineMetrics& metrics;
  telemetry::StatusBoard& status;  // where the worker is registered already
  telemetry::Log& log;
};

}  // namespace sluice::pipeline
