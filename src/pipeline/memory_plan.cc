#include "pipeline/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace sluice::pipeline {
namespace {

constexpr std::size_t kSmallestPrefetch = config::kMiB;
constexpr std::size_t kLargestDeadLetterQueue = 32 * config::kMiB;

std::size_t workers_of(const config::Config& config) {
  return std::accumulate(
      config.pipelines.begin(), config.pipelines.end(), std::size_t{0},
      [](std::size_t sum, const auto& pipeline) { return sum + pipeline.workers; });
}

std::size_t difference(std::size_t from, std::size_t what) { return from - std::min(from, what); }

// With `prefetch` there already.
void divide_rest(const config::Config& config, MemoryPlan& plan) {
  plan.dead_letter_queue = std::min(kLargestDeadLetterQueue, config.memory_budget / 8);
  plan.dead_letter_window = plan.dead_letter_queue / workers_of(config);
  std::size_t taken = plan.dead_letter_queue;
  for (std::size_t i = 0; i < config.pipelines.size(); ++i) {
    taken += plan.prefetch[i] * config.pipelines[i].workers;
  }
  const std::size_t rest = difference(config.memory_budget, taken);
  for (const auto& pipeline : config.pipelines) {
    plan.worker_share.push_back(rest / config.pipelines.size() / pipeline.workers);
  }
}

bool holds_a_batch_each(const config::Config& config, const MemoryPlan& plan) {
  for (std::size_t i = 0; i < config.pipelines.size(); ++i) {
    if (plan.worker_share[i] < config.pipelines[i].batch.max_bytes) return false;
  }
  return true;
}

}  // namespace

MemoryPlan plan_memory(const config::Config& config, std::size_t preferred_prefetch) {
  const std::size_t each =
      std::max(kSmallestPrefetch,
               std::min(preferred_prefetch, config.memory_budget / 2 / workers_of(config)));
  MemoryPlan plan;
  plan.prefetch.assign(config.pipelines.size(), each);
  divide_rest(config, plan);
  return plan;
}

MemoryPlan plan_memory_beside(const config::Config& config, std::size_t preferred_prefetch,
                              const std::map<std::string, std::size_t>& kept) {
  std::size_t taken = 0;
  std::size_t others = 0;  // consumers
  for (const auto& pipeline : config.pipelines) {
    const auto found = kept.find(pipeline.name);
    if (found != kept.end()) taken += found->second * pipeline.workers;
    if (found == kept.end()) others += pipeline.workers;
  }
  const std::size_t most = config.memory_budget / 4 * 3;
  const std::size_t each =
      others == 0 ? 0 : std::min(preferred_prefetch, difference(most, taken) / others);
  MemoryPlan plan;
  for (const auto& pipeline : config.pipelines) {
    const auto found = kept.find(pipeline.name);
    plan.prefetch.push_back(found != kept.end() ? found->second : each);
  }
  divide_rest(config, plan);
  const bool fits = taken <= most && (others == 0 || each >= kSmallestPrefetch);
  return fits && holds_a_batch_each(config, plan) ? plan : plan_memory(config, preferred_prefetch);
}

}  // namespace sluice::pipeline
