// SIGTERM: what is under way is answered and committed, the group is left, and all of it ends in
// time whatever the others do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr std::int32_t kPartitions = 4;
constexpr std::int64_t kEach = 500;  // records of a partition
constexpr std::size_t kAll = kPartitions * kEach;

class Shutdown : public testing::Test {
 protected:
  void SetUp() override {
    topic_ =
        std::string("shutdown-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void fill() {
    broker_.create_topic(topic_, kPartitions);
    produce_numbered(broker_, topic_, kPartitions, kEach);
  }

  std::string config(const std::string& shutdown_timeout) const {
    return FlowConfig(broker_)
        .top("shutdown_timeout: " + shutdown_timeout)
        .target("api", api_.url())
        .pipeline("p", topic_, "batch: {max_records: 20, linger: 20ms}")
        .yaml();
  }

  // Every partition has a request under way that is not answered soon.
  bool all_at_work(SluiceProcess& sluice) const {
    return eventually(
        [&] { return sum_of(sluice, "sluice_worker_requests_in_flight", {}) == kPartitions; },
        seconds(30));
  }

  // SIGTERM; then the exit code, or nothing when it still runs after `timeout`.
  static std::optional<int> terminate(SluiceProcess& sluice, milliseconds timeout) {
    sluice.signal(SIGTERM);
    const auto status = sluice.wait(timeout);
    return status ? std::optional(status->code) : std::nullopt;
  }

  // Another process delivers what is left, and everything is there.
  Accounts finish() {
    api_.answer_with(RecordingApi::take_all());
    api_.work_for(milliseconds(0));
    SluiceProcess successor(config("10s"));
    EXPECT_TRUE(api_.wait_for_distinct(kAll, seconds(40))) << successor.log();
    EXPECT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << successor.log();
    EXPECT_EQ(terminate(successor, seconds(11)), 0) << successor.log();
    const Accounts accounts = reconcile(broker_, topic_, {&api_});
    EXPECT_TRUE(accounts.lost.empty() && accounts.invented.empty() && accounts.uncommitted == 0)
        << testing::PrintToString(accounts);
    return accounts;
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

TEST_F(Shutdown, RequestsUnderWayAreAnsweredAndCommittedAndTheGroupIsLeft) {
  fill();
  api_.work_for(seconds(1));
  SluiceProcess sluice(config("10s"));
  ASSERT_TRUE(api_.wait_for_distinct(1, seconds(30))) << sluice.log();
  ASSERT_TRUE(all_at_work(sluice)) << sluice.log();

  EXPECT_EQ(terminate(sluice, seconds(10)), 0) << sluice.log();

  EXPECT_THAT(group_members(broker_.brokers(), group_of(topic_)), IsEmpty());
  std::size_t committed = 0;
  for (const auto offset : committed_offsets(broker_.brokers(), group_of(topic_), topic_)) {
    committed += static_cast<std::size_t>(offset);
  }
  EXPECT_EQ(committed, api_.distinct());
  EXPECT_THAT(finish().repeated, IsEmpty());
}

TEST_F(Shutdown, AnIdleMemberLeavesAtOnce) {
  fill();
  SluiceProcess sluice(config("20s"));
  ASSERT_TRUE(api_.wait_for_distinct(kAll, seconds(30))) << sluice.log();
  const auto start = steady_clock::now();
  EXPECT_EQ(terminate(sluice, seconds(20)), 0) << sluice.log();
  EXPECT_LT(steady_clock::now() - start, seconds(3));
  EXPECT_THAT(group_members(broker_.brokers(), group_of(topic_)), IsEmpty());
  EXPECT_THAT(finish().repeated, IsEmpty());
}

TEST_F(Shutdown, ASecondSignalLeavesAtOnce) {
  fill();
  api_.answer_with(RecordingApi::always({.fault = Fault::hang}));
  SluiceProcess sluice(config("60s"));
  ASSERT_TRUE(all_at_work(sluice)) << sluice.log();
  EXPECT_EQ(terminate(sluice, milliseconds(300)), std::nullopt) << sluice.log();
  EXPECT_EQ(terminate(sluice, seconds(2)), 1) << sluice.log();
  EXPECT_THAT(finish().repeated, IsEmpty());
}

TEST_F(Shutdown, AHangingApiDoesNotHoldItUp) {
  fill();
  api_.answer_with(RecordingApi::always({.fault = Fault::hang}));
  SluiceProcess sluice(config("3s"));
  ASSERT_TRUE(all_at_work(sluice)) << sluice.log();
  EXPECT_EQ(terminate(sluice, seconds(4)), 0) << sluice.log();
  EXPECT_THAT(group_members(broker_.brokers(), group_of(topic_)), IsEmpty());
  EXPECT_THAT(finish().repeated, IsEmpty());
}

TEST_F(Shutdown, ATargetThatIsDownDoesNotHoldItUp) {
  fill();
  api_.server().stop();
  SluiceProcess sluice(config("20s"));
  ASSERT_TRUE(sluice.wait_for_event("request_failed", seconds(30))) << sluice.log();
  const auto start = steady_clock::now();
  EXPECT_EQ(terminate(sluice, seconds(20)), 0) << sluice.log();
  EXPECT_LT(steady_clock::now() - start, seconds(5));
  api_.server().restart();
  EXPECT_THAT(finish().repeated, IsEmpty());
}

TEST_F(Shutdown, ADeadBrokerDoesNotHoldItUp) {
  fill();
  api_.work_for(milliseconds(100));
  SluiceProcess sluice(config("3s"));
  ASSERT_TRUE(api_.wait_for_distinct(1, seconds(30))) << sluice.log();
  broker_.kill();
  const auto code = terminate(sluice, seconds(4));
  broker_.start();
  EXPECT_TRUE(code.has_value()) << sluice.log();
  finish();
  EXPECT_LE(repeats(api_), kPartitions * 8 * 20);  // the batches that no commit could cover
}

TEST_F(Shutdown, ATopicThatDoesNotExistDoesNotHoldItUp) {
  SluiceProcess sluice(config("10s"));
  ASSERT_TRUE(sluice.wait_for_event("pipeline_started", seconds(20))) << sluice.log();
  ASSERT_TRUE(wait_for_state(sluice, "p", "kafka_error", seconds(20))) << sluice.log();
  const auto start = steady_clock::now();
  EXPECT_EQ(terminate(sluice, seconds(10)), 0) << sluice.log();
  EXPECT_LT(steady_clock::now() - start, seconds(3));
  fill();
  finish();
}

}  // namespace
}  // namespace sluice::test
