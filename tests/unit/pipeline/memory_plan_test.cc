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
    pipeline.name = "p" + std::to_string(made.pipelines.size());
    pipeline.workers = count;
    made.pipelines.push_back(pipeline);
  }
  return made;
}

std::size_t total(const MemoryPlan& plan, const std::vector<std::uint32_t>& workers) {
  std::size_t sum = plan.dead_letter_queue;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    sum += workers[i] * (plan.prefetch[i] + plan.worker_share[i]);
  }
  return sum;
}

TEST(MemoryPlanTest, OneWorkerGetsThePreferredPrefetchAndTheRest) {
  const auto plan = plan_memory(with_workers(256 * kMiB, {1}), 16 * kMiB);
  EXPECT_EQ(plan.prefetch[0], 16 * kMiB);
  EXPECT_EQ(plan.dead_letter_queue, 32 * kMiB);
  EXPECT_EQ(plan.worker_share[0], 208 * kMiB);
}

TEST(MemoryPlanTest, NeverGivesOutMoreThanTheBudget) {
  for (const auto& workers : std::vector<std::vector<std::uint32_t>>{
           {1}, {8}, {1, 1, 1, 1, 1}, {4, 1, 2}, {16, 16}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}) {
    for (const std::size_t preferred : {16 * kMiB, 64 * kMiB}) {
      const auto plan = plan_memory(with_workers(256 * kMiB, workers), preferred);
      EXPECT_LE(total(plan, workers), 256 * kMiB);
      EXPECT_LE(plan.prefetch[0], preferred);
      EXPECT_GE(plan.prefetch[0], kMiB);
    }
  }
}

TEST(MemoryPlanTest, PipelinesHaveEqualSharesWhateverTheirWorkers) {
  const auto plan = plan_memory(with_workers(256 * kMiB, {1, 4}), 16 * kMiB);
  EXPECT_NEAR(static_cast<double>(plan.worker_share[0]),
              4.0 * static_cast<double>(plan.worker_share[1]), 4.0);
}

TEST(MemoryPlanTest, WhatRunsKeepsItsPrefetchWhereThereIsRoom) {
  const auto before = plan_memory(with_workers(256 * kMiB, {1, 1}), 64 * kMiB);
  EXPECT_EQ(before.prefetch, (std::vector<std::size_t>{64 * kMiB, 64 * kMiB}));
  const auto plan = plan_memory_beside(with_workers(256 * kMiB, {1, 1, 2}), 64 * kMiB,
                                       {{"p0", 64 * kMiB}, {"p1", 64 * kMiB}});
  EXPECT_EQ(plan.prefetch, (std::vector<std::size_t>{64 * kMiB, 64 * kMiB, 32 * kMiB}));
  EXPECT_LE(total(plan, {1, 1, 2}), 256 * kMiB);
}

TEST(MemoryPlanTest, WhereThereIsNoneAllIsDividedAnew) {
  const std::vector<std::uint32_t> workers{1, 1, 1, 70};
  const std::map<std::string, std::size_t> kept{
      {"p0", 64 * kMiB}, {"p1", 64 * kMiB}, {"p2", 64 * kMiB}};
  const auto plan = plan_memory_beside(with_workers(256 * kMiB, workers), 64 * kMiB, kept);
  EXPECT_EQ(plan.prefetch, plan_memory(with_workers(256 * kMiB, workers), 64 * kMiB).prefetch);
  const auto fewer = plan_memory_beside(with_workers(256 * kMiB, {1, 1, 1}), 64 * kMiB, kept);
  EXPECT_EQ(fewer.prefetch, (std::vector<std::size_t>(3, 64 * kMiB))) << "nothing is to be added";
}

}  // namespace
}  // namespace sluice::pipeline
