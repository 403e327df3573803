#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"

namespace sluice::pipeline {

// How memory.budget is divided: prefetch queues first (at most half), then the dead-letter
// producer's queue, and the rest in equal shares to the pipelines, and within one to its workers.
struct MemoryPlan {
  std::vector<std::size_t> prefetch;  // bytes of one consumer, by pipeline
  std::size_t dead_letter_queue = 0;
  std::size_t dead_letter_window = 0;     // of one worker: its part of that queue
  std::vector<std::size_t> worker_share;  // by pipeline, in the order of the configuration
};
MemoryPlan plan_memory(const config::Config& config, std::size_t preferred_prefetch);

// Beside pipelines that run already and whose consumers keep the prefetch they were made with: by
// name, bytes of each. The others have of what those leave of three quarters of the budget. Where
// that is too little, or too little is left for a batch, all is divided anew.
MemoryPlan plan_memory_beside(const config::Config& config, std::size_t preferred_prefetch,
                              const std::map<std::string, std::size_t>& kept);

}  // namespace sluice::pipeline
