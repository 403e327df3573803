#include "pipeline/memory_plan.h"

#include <algorithm>

namespace sluice::pipeline {
namespace {

constexpr std::size_t kSmallestPrefetch = config::kMiB;
constexpr std::size_t kLargestDeadLetterQueue = 32 * config::kMiB;

}  // namespace

MemoryPlan plan_memory(const config::Config& config, std::size_t preferred_prefetch) {
  std::size_t consumers = 0;
  for (const auto& pipeline : config.pipelines) consumers += pipeline.workers;
  MemoryPlan plan;
  plan.prefetch_each = std::max(kSmallestPrefetch,
                                std::min(preferred_prefetch, config.memory_budget / 2 / consumers));
  plan.dead_letter_queue = std::min(kLargestDeadLetterQueue, config.memory_budget / 8);
  plan.dead_letter_window = plan.dead_letter_queue / consumers;
  const std::size_t taken = plan.prefetch_each * consumers + plan.dead_letter_queue;
  const std::size_t rest = config.memory_budget > taken ? config.memory_budget - taken : 0;
  for (const auto& pipeline : config.pipelines) {
    plan.worker_share.push_back(rest / config.pipelines.size() / pipeline.workers);
  }
  return plan;
}

}  // namespace sluice::pipeline
