// Commits keep a pace, and nobody waits for it who would send meanwhile.
#include <gtest/gtest.h>

#include <chrono>

#include "commit/committer.h"
#include "integration/flow.h"
#include "integration/recording_api.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using TestClock = std::chrono::steady_clock;

std::string one_by_one(int max_unconfirmed) {
  return "batch: {max_records: 1}, max_unconfirmed_batches: " + std::to_string(max_unconfirmed);
}

TEST(CommitPace, ABusyWorkerCommitsNoFaster) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("pace-busy", 1);
  produce_numbered(broker, "pace-busy", 1, 2'000);
  RecordingApi api;
  const auto began = TestClock::now();
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url())
                           .pipeline("p", "pace-busy", one_by_one(1000))
                           .yaml());
  ASSERT_TRUE(api.wait_for_distinct(2'000, seconds(60))) << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker, "pace-busy", seconds(10))) << sluice.log();
  const double commits = sum_of(sluice, "sluice_commits_total", {});
  const auto paces = (TestClock::now() - began) / commit::Committer::kPace;
  EXPECT_GE(commits, 2);
  EXPECT_LE(commits, static_cast<double>(paces) + 2);
  EXPECT_EQ(reconcile(broker, "pace-busy", {&api}), Accounts{});
}

// With the pace each batch would take 10 ms, all of them ten seconds.
TEST(CommitPace, WhereEachBatchHasToBeCoveredBeforeTheNextItIsNotKept) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("pace-covered", 1);
  produce_numbered(broker, "pace-covered", 1, 1'000);
  RecordingApi api;
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url())
                           .pipeline("p", "pace-covered", one_by_one(1))
                           .yaml());
  ASSERT_TRUE(api.wait_for_distinct(1, seconds(30))) << sluice.log();
  EXPECT_TRUE(api.wait_for_distinct(1'000, milliseconds(9'500))) << api.distinct();
  ASSERT_TRUE(wait_for_commits(broker, "pace-covered", seconds(10))) << sluice.log();
  EXPECT_EQ(reconcile(broker, "pace-covered", {&api}), Accounts{});
}

// The second of two records is answered before its commit may go out. Were that nobody's deadline,
// it would go out with the worker's next turn, in half a second.
TEST(CommitPace, TheLastCommitGoesOutByItself) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("pace-last", 1);
  RecordingApi api;
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url())
                           .pipeline("p", "pace-last", one_by_one(1000))
                           .yaml());
  constexpr std::int64_t kTimes = 25;
  produce_numbered(broker, "pace-last", 1, 2);
  ASSERT_TRUE(wait_for_commits(broker, "pace-last", seconds(30))) << sluice.log();
  const auto began = TestClock::now();
  for (std::int64_t i = 1; i <= kTimes; ++i) {
    produce_numbered(broker, "pace-last", 1, 2, 2 * i);
    ASSERT_TRUE(eventually(
        [&] {
          return committed_offsets(broker.brokers(), group_of("pace-last"), "pace-last").front() ==
                 2 * i + 2;
        },
        seconds(10), milliseconds(2)))
        << sluice.log();
  }
  EXPECT_LT(TestClock::now() - began, kTimes * milliseconds(250));
}

}  // namespace
}  // namespace sluice::test
