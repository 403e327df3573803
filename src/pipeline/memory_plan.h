#pragma once

#include <cstddef>
#include <vector>

#include "config/config.h"

namespace sluice::pipeline {

// How memory.budget is divided: prefetch queues first (at most half), then the dead-letter
// producer's queue, and the rest in equal shares to the pipelines, and within one to its workers.
struct MemoryPlan {
  std::size_t prefetch_each = 0;  // bytes of one consumer
  std::size_t dead_letter_queue = 0;
  std::size_t dead_letter_window = 0;     // of one worker: its part of that queue
  std::vector<std::size_t> worker_share;  // by pipeline, in the order of the configuration
};
MemoryPlan plan_memory(const config::Config& config, std::size_t preferred_prefetch);

}  // namespace sluice::pipeline
