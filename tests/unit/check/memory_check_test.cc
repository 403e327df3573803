#include "check/memory_check.h"

#include <gmock/gmock.h>

#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using config::kMiB;
using testing::ElementsAre;
using testing::StartsWith;

config::Config one_pipeline(std::size_t budget) {
  config::Config config;
  config.memory_budget = budget;
  config.pipelines.emplace_back().name = "p";
  return config;
}

TEST(MemoryCheckTest, HoldsWhereEachPartitionHasRoomForABatch) {
  Findings findings;
  check_memory(one_pipeline(256 * kMiB), {{"p", {{"t", 0}, {"t", 1}}}}, findings.report());
  EXPECT_THAT(findings.lines(),
              ElementsAre(StartsWith("ok memory.budget: 256MiB for 1 worker: each prefetches ")));
}

TEST(MemoryCheckTest, WarnsWhereTheWorkersOfAPipelineHaveTooLittleForTheirPartitions) {
  std::vector<TopicPartition> many;
  for (std::int32_t i = 0; i < 20; ++i) many.push_back({"t", i});
  config::Config config = one_pipeline(16 * kMiB);
  config.pipelines[0].workers = 2;
  Findings findings;
  check_memory(config, {{"p", many}}, findings.report());
  EXPECT_THAT(findings.lines(),
              ElementsAre("warn memory.budget: leaves 3MiB to each worker of p, less than a batch "
                          "of 1MiB for each of its 10 partitions; raise memory.budget, or lower "
                          "pipelines.p.batch.max_bytes"));
}

TEST(MemoryCheckTest, WantsRoomForOneBatchWhereNoPartitionIsKnown) {
  config::Config config = one_pipeline(16 * kMiB);
  Findings enough;
  check_memory(config, {}, enough.report());
  EXPECT_THAT(enough.lines(), ElementsAre(StartsWith("ok")));
  config.pipelines[0].batch.max_bytes = 64 * kMiB;
  Findings little;
  check_memory(config, {}, little.report());
  EXPECT_THAT(little.lines(), ElementsAre(StartsWith("warn")));
}

}  // namespace
}  // namespace sluice::check
