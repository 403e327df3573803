#include "pipeline/memory_plan.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

using config::kMiB;

config::Config with_workers(std::size_t budget, const std::vector<std::uint32_t>& workers) {
  config::Config made;
  made.memory_budget = budget;
  for (const auto count : workers) {
    config::Pipeline pipeline;
    pipeline.workers = count;
    made.pipelines.push_back(pipeline);
  }
  return made;
}

std::size_t total(const MemoryPlan& plan, const std::vector<std::uint32_t>& workers) {
  std::size_t sum = plan.dead_letter_queue;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    sum += workers[i] * (plan.prefetch_each + plan.worker_share[i]);
  }
  return sum;
}

TEST(MemoryPlanTest, OneWorkerGetsThePreferredPrefetchAndTheRest) {
  const auto plan = plan_memory(with_workers(256 * kMiB, {1}), 16 * kMiB);
  EXPECT_EQ(plan.prefetch_each, 16 * kMiB);
  EXPECT_EQ(plan.dead_letter_queue, 32 * kMiB);
  EXPECT_EQ(plan.worker_share[0], 208 * kMiB);
}

TEST(MemoryPlanTest, NeverGivesOutMoreThanTheBudget) {
  for (const auto& workers : std::vector<std::vector<std::uint32_t>>{
           {1}, {8}, {1, 1, 1, 1, 1}, {4, 1, 2}, {16, 16}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}) {
    for (const std::size_t preferred : {16 * kMiB, 64 * kMiB}) {
      const auto plan = plan_memory(with_workers(256 * kMiB, workers), preferred);
      EXPECT_LE(total(plan, workers), 256 * kMiB);
      EXPECT_LE(plan.prefetch_each, preferred);
      EXPECT_GE(plan.prefetch_each, kMiB);
    }
  }
}

TEST(MemoryPlanTest, PipelinesHaveEqualSharesWhateverTheirWorkers) {
  const auto plan = plan_memory(with_workers(256 * kMiB, {1, 4}), 16 * kMiB);
  EXPECT_NEAR(static_cast<double>(plan.worker_share[0]),
              4.0 * static_cast<double>(plan.worker_share[1]), 4.0);
}

}  // namespace
}  // namespace sluice::pipeline
