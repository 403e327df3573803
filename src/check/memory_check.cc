#include "check/memory_check.h"

#include <algorithm>

#include "check/words.h"
#include "config/values.h"
#include "kafka/options.h"
#include "pipeline/memory_plan.h"

namespace sluice::check {
namespace {

// Of one worker, when the others have their part.
std::size_t partitions_each(const config::Pipeline& pipeline, const PartitionMap& partitions) {
  const auto found = partitions.find(pipeline.name);
  if (found == partitions.end() || found->second.empty()) return 1;
  return (found->second.size() + pipeline.workers - 1) / pipeline.workers;
}

// False where it warned.
bool check_share(const config::Pipeline& pipeline, std::size_t share, std::size_t partitions,
                 Report& report) {
  const std::size_t needed = partitions * pipeline.batch.max_bytes;
  if (share >= needed) return true;
  report.warn(
      "memory.budget",
      "leaves " + rounded(share) + " to each worker of " + pipeline.name +
          ", less than a batch of " + config::format_size(pipeline.batch.max_bytes) +
          " for each of its " + counted(partitions, "partition"),
      "raise memory.budget, or lower " + key_of("pipelines", pipeline.name, "batch.max_bytes"));
  return false;
}

}  // namespace

void check_memory(const config::Config& config, const PartitionMap& partitions, Report& report) {
  const auto plan = pipeline::plan_memory(config, kafka::preferred_prefetch_bytes());
  std::uint64_t workers = 0;
  bool fits = true;
  for (std::size_t i = 0; i < config.pipelines.size(); ++i) {
    const auto& pipeline = config.pipelines[i];
    workers += pipeline.workers;
    fits &=
        check_share(pipeline, plan.worker_share[i], partitions_each(pipeline, partitions), report);
  }
  if (!fits) return;
  const auto [least, most] =
      std::minmax_element(plan.worker_share.begin(), plan.worker_share.end());
  report.ok("memory.budget",
            config::format_size(config.memory_budget) + " for " + counted(workers, "worker") +
                ": each prefetches " + rounded(plan.prefetch.front()) + " and has " +
                (*least == *most ? rounded(*least) : rounded(*least) + " to " + rounded(*most)) +
                " for batches");
}

}  // namespace sluice::check
