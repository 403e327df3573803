// A broker that dies, stands still, or is not there yet: nothing is lost, /status says what is
// wrong, and records flow soon after it is back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int32_t kPartitions = 4;
constexpr std::size_t kUnconfirmedRecords = kPartitions * 8 * 50;
constexpr seconds kFlowsAgainWithin(15);
// A member that lost its session joins anew; the broker waits for its former self's to end (10 s).
constexpr seconds kJoinsAgainWithin(25);

class Broker : public testing::Test {
 protected:
  void SetUp() override {
    topic_ = std::string("broker-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  // Whatever went wrong, the next test finds it running.
  void TearDown() override {
    broker_.resume();
    broker_.start();
  }

  std::string config() const {
    return FlowConfig(broker_)
        .target("api", api_.url())
        .pipeline("p", topic_, "batch: {max_records: 50, linger: 20ms}")
        .yaml();
  }

  void start_load() {
    broker_.create_topic(topic_, kPartitions);
    load_.emplace(broker_, topic_, kPartitions, 1000);
    watch_.emplace(broker_, topic_, api_);
    api_.work_for(milliseconds(5));
  }

  static bool stands(SluiceProcess& sluice, const std::string& state, milliseconds timeout) {
    return sluice.wait_for_event("pipeline_started", seconds(20)) &&
           wait_for_state(sluice, "p", state, timeout);
  }

  // Called when the broker is back: what is written from now on arrives soon.
  void expect_flow_again(SluiceProcess& sluice, milliseconds within = kFlowsAgainWithin) {
    const auto start = steady_clock::now();
    EXPECT_TRUE(wait_for_all(broker_, topic_, api_, within)) << sluice.log();
    const std::chrono::duration<double> took = steady_clock::now() - start;
    std::printf("flows again after %.2f s\n", took.count());
    EXPECT_TRUE(stands(sluice, "flowing", seconds(5))) << sluice.status() << sluice.log();
  }

  void settle(SluiceProcess& sluice) {
    if (load_) load_->stop();
    EXPECT_TRUE(wait_for_all(broker_, topic_, api_, seconds(40))) << sluice.log();
    EXPECT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << sluice.log();
    if (watch_) {
      EXPECT_THAT(watch_->stop(), IsEmpty());
    }
    const Accounts accounts = reconcile(broker_, topic_, {&api_});
    EXPECT_TRUE(accounts.lost.empty() && accounts.invented.empty() && accounts.uncommitted == 0)
        << testing::PrintToString(accounts);
    std::printf("repeated: %zu\n", repeats(api_));
    EXPECT_LE(repeats(api_), kUnconfirmedRecords);
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }

  KafkaBroker& broker_ = KafkaBroker::shared();  // of this binary alone
  std::string topic_;
  RecordingApi api_;
  std::optional<Load> load_;
  std::optional<CommitWatch> watch_;
};

TEST_F(Broker, KilledAndStartedAgainUnderLoad) {
  start_load();
  SluiceProcess sluice(config());
  ASSERT_TRUE(api_.wait_for_distinct(1000, seconds(30))) << sluice.log();
  broker_.kill();
  EXPECT_TRUE(stands(sluice, "broker_unreachable", seconds(15))) << sluice.status() << sluice.log();
  broker_.start();
  expect_flow_again(sluice);
  settle(sluice);
}

TEST_F(Broker, GoneForLongerThanASessionUnderLoad) {
  start_load();
  SluiceProcess sluice(config());
  ASSERT_TRUE(api_.wait_for_distinct(1000, seconds(30))) << sluice.log();
  broker_.kill();
  EXPECT_TRUE(stands(sluice, "broker_unreachable", seconds(15))) << sluice.status() << sluice.log();
  const auto lost = [&] { return !sluice.events("partitions_lost").empty(); };
  EXPECT_TRUE(eventually(lost, seconds(30))) << sluice.log();
  EXPECT_NE(state_of(sluice, "p").state, "flowing");
  broker_.start();
  expect_flow_again(sluice, kJoinsAgainWithin);
  settle(sluice);
}

TEST_F(Broker, FrozenForEightSecondsUnderLoad) {
  start_load();
  SluiceProcess sluice(config());
  ASSERT_TRUE(api_.wait_for_distinct(1000, seconds(30))) << sluice.log();
  broker_.pause();
  const auto thaw = steady_clock::now() + seconds(8);
  const auto named = [&] { return state_of(sluice, "p").state != "flowing"; };
  EXPECT_TRUE(eventually(named, seconds(8), milliseconds(100))) << sluice.status() << sluice.log();
  EXPECT_THAT(state_of(sluice, "p").state,
              AnyOf(Eq("broker_unreachable"), Eq("kafka_error"), Eq("commit_failing")));
  std::this_thread::sleep_until(thaw);
  broker_.resume();
  expect_flow_again(sluice);
  settle(sluice);
}

TEST_F(Broker, DownWhenSluiceStarts) {
  broker_.create_topic(topic_, kPartitions);
  produce_numbered(broker_, topic_, kPartitions, 100);
  broker_.stop();
  SluiceProcess sluice(config());
  EXPECT_TRUE(stands(sluice, "broker_unreachable", seconds(20))) << sluice.status() << sluice.log();
  int code = 0;
  sluice.get("/readyz", &code);
  EXPECT_EQ(code, 503);
  broker_.start();
  expect_flow_again(sluice);
  EXPECT_EQ(repeats(api_), 0U);
  settle(sluice);
}

TEST_F(Broker, WithoutTheTopicUntilLater) {
  SluiceProcess sluice(config());
  EXPECT_TRUE(stands(sluice, "kafka_error", seconds(20))) << sluice.status() << sluice.log();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr(topic_));
  broker_.create_topic(topic_, kPartitions);
  produce_numbered(broker_, topic_, kPartitions, 100);
  expect_flow_again(sluice);
  EXPECT_EQ(repeats(api_), 0U);
  settle(sluice);
}

}  // namespace
}  // namespace sluice::test
