// What an operator has a running Sluice do: stand still, go on, try again, say more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kToken = "a-token-of-an-operator";
constexpr const char* kSmallBatches = "batch: {max_records: 20, linger: 20ms}";
constexpr const char* kDrained = "drained: nothing is on its way, all that was read is committed";
constexpr seconds kSoon(30);
constexpr int kPartitions = 3;

class Actions : public testing::Test {
 protected:
  void make_topic(const std::string& name) {
    topic_ = name;
    broker_.create_topic(topic_, kPartitions);
  }
  FlowConfig config(const std::string& keys = kSmallBatches) const {
    FlowConfig made(broker_);
    made.admin_token(kToken).kafka("session.timeout.ms: 6000");
    made.target("api", api_.url(), "circuit_breaker: {open_for: 1m}").pipeline("p", topic_, keys);
    return made;
  }
  static std::string act(SluiceProcess& sluice, const std::string& path, int expected = 200) {
    int status = 0;
    std::string text = sluice.post("/-/" + path, kToken, &status);
    EXPECT_EQ(status, expected) << path << ": " << text;
    return text;
  }
  static bool says(SluiceProcess& sluice, const std::string& detail) {
    return eventually([&] { return state_of(sluice, "p").detail == detail; }, kSoon,
                      milliseconds(100));
  }
  std::int64_t committed() const {
    const auto all = committed_offsets(broker_.brokers(), group_of(topic_), topic_);
    return std::accumulate(all.begin(), all.end(), std::int64_t{0}, [](auto sum, auto offset) {
      return sum + std::max(offset, std::int64_t{0});
    });
  }
  // Of a pause: what was under way is answered and committed; returns how many records that makes.
  std::size_t settled(SluiceProcess& sluice) {
    EXPECT_TRUE(wait_for_state(sluice, "p", "paused", seconds(5))) << sluice.status();
    EXPECT_TRUE(
        eventually([&] { return sluice.status().find("\"in_flight\": true") == std::string::npos; },
                   kSoon, milliseconds(100)));
    std::size_t taken = 0;
    EXPECT_TRUE(eventually(
        [&] {
          taken = api_.distinct();
          return committed() == static_cast<std::int64_t>(taken);
        },
        kSoon, milliseconds(200)))
        << committed() << " of " << taken;
    return taken;
  }
  void expect_all_once(SluiceProcess& sluice) {
    ASSERT_TRUE(wait_for_all(broker_, topic_, api_, kSoon)) << sluice.status() << sluice.log();
    ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.status() << sluice.log();
    EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

TEST_F(Actions, APausedPipelineSendsNothingAndKeepsItsPlaceInTheGroup) {
  make_topic("actions-pause");
  Load load(broker_, topic_, kPartitions, 600);
  CommitWatch watch(broker_, topic_, api_);
  SluiceProcess sluice(config().yaml());
  ASSERT_TRUE(api_.wait_for_distinct(600, kSoon)) << sluice.log();

  EXPECT_THAT(act(sluice, "pipelines/p/pause"), HasSubstr("sluice act resume p"));
  const std::size_t taken = settled(sluice);
  const PipelineState state = state_of(sluice, "p");
  EXPECT_EQ(state.detail, "by an operator");
  EXPECT_EQ(state.next, "it waits for an operator");
  EXPECT_THAT(state.release, ElementsAre("sluice act resume p"));
  EXPECT_THAT(act(sluice, "pipelines/p/pause", 409), HasSubstr("paused already"));

  std::this_thread::sleep_for(seconds(9));  // the session lasts six
  EXPECT_EQ(api_.distinct(), taken);
  EXPECT_EQ(committed(), static_cast<std::int64_t>(taken));
  int ready = 0;
  sluice.get("/readyz", &ready);
  EXPECT_EQ(ready, 200);
  int alive = 0;
  sluice.get("/livez", &alive);
  EXPECT_EQ(alive, 200);
  EXPECT_GE(sum_of(sluice, "sluice_stalled_seconds_total", {R"(reason="paused")"}), 8);
  EXPECT_GT(state_of(sluice, "p").lag[0], 1000) << "it is told though nothing is read";
  EXPECT_THAT(state_of(sluice, "p").reasons, Each(testing::Pair(testing::_, "paused")));
  EXPECT_THAT(sluice.events("partitions_assigned"), SizeIs(1));
  EXPECT_THAT(sluice.events("partitions_lost"), IsEmpty());

  EXPECT_THAT(act(sluice, "pipelines/p/resume"), HasSubstr("it goes on"));
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(10))) << sluice.status();
  EXPECT_THAT(act(sluice, "pipelines/p/resume", 409), HasSubstr("no operator has paused it"));
  load.stop();
  expect_all_once(sluice);
  EXPECT_THAT(watch.stop(), IsEmpty());
  EXPECT_THAT(sluice.events("admin_action"),
              AllOf(SizeIs(4), Contains(HasSubstr("\"action\":\"pause\"")),
                    Contains(HasSubstr("\"action\":\"resume\""))));
}

// The flow control pauses partitions as well.
TEST_F(Actions, APauseAndAFullPartitionDoNotUndoEachOther) {
  make_topic("actions-full");
  api_.work_for(milliseconds(300));
  SluiceProcess sluice(config().top("memory: {budget: 16MiB}").yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.log();
  produce_numbered(broker_, topic_, kPartitions, 3000, 0, 2000);
  ASSERT_TRUE(api_.wait_for_distinct(200, kSoon)) << sluice.log();
  for (int round = 0; round < 3; ++round) {
    act(sluice, "pipelines/p/pause");
    const std::size_t taken = settled(sluice);
    std::this_thread::sleep_for(seconds(1));
    EXPECT_EQ(api_.distinct(), taken);
    act(sluice, "pipelines/p/resume");
    ASSERT_TRUE(api_.wait_for_distinct(taken + 100, kSoon)) << sluice.status();
  }
  api_.work_for(milliseconds(0));
  expect_all_once(sluice);
}

TEST_F(Actions, ADrainSendsWhatWasReadWithoutWaitingForMore) {
  make_topic("actions-drain-linger");
  SluiceProcess sluice(config("batch: {linger: 5m}").yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.log();
  produce_numbered(broker_, topic_, kPartitions, 20);
  ASSERT_TRUE(eventually([&] { return state_of(sluice, "p").consumed == 60; }, kSoon));
  EXPECT_EQ(api_.distinct(), 0U);

  EXPECT_THAT(act(sluice, "pipelines/p/pause"), HasSubstr("60 records that were read wait"));
  EXPECT_FALSE(api_.wait_for_distinct(1, seconds(2)));
  EXPECT_THAT(act(sluice, "pipelines/p/drain"),
              AllOf(HasSubstr("60 records that were read are on their way"), HasSubstr("/status")));
  ASSERT_TRUE(says(sluice, kDrained)) << sluice.status();
  EXPECT_EQ(api_.distinct(), 60U);
  EXPECT_EQ(committed(), 60);
  EXPECT_THAT(act(sluice, "pipelines/p/drain", 409), HasSubstr("drained already"));
  produce_numbered(broker_, topic_, kPartitions, 1, 20);
  EXPECT_FALSE(eventually([&] { return state_of(sluice, "p").consumed > 60; }, seconds(2)))
      << "it reads on";
}

TEST_F(Actions, NothingIsRepeatedAfterADrainThatEndsInAKill) {
  make_topic("actions-drain-kill");
  Load load(broker_, topic_, kPartitions, 1000);
  api_.work_for(milliseconds(20));
  {
    SluiceProcess sluice(config().yaml());
    ASSERT_TRUE(api_.wait_for_distinct(600, kSoon)) << sluice.log();
    act(sluice, "pipelines/p/drain");
    ASSERT_TRUE(says(sluice, kDrained)) << sluice.status();
    EXPECT_EQ(committed(), static_cast<std::int64_t>(api_.distinct()));
    sluice.signal(SIGKILL);
    ASSERT_TRUE(sluice.wait(kSoon));
  }
  load.stop();
  SluiceProcess next(config().yaml());
  expect_all_once(next);
  EXPECT_EQ(state_of(next, "p").state, "flowing") << "a process begins unpaused";
}

TEST_F(Actions, ADrainSaysWhatHoldsItUp) {
  make_topic("actions-drain-outage");
  api_.answer_with(RecordingApi::always({.status = 503}));
  produce_numbered(broker_, topic_, kPartitions, 20);
  SluiceProcess sluice(config().yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", kSoon)) << sluice.log();
  const auto all_read = [&] { return state_of(sluice, "p").consumed == 60; };
  ASSERT_TRUE(eventually(all_read, kSoon, milliseconds(50))) << sluice.status();
  act(sluice, "pipelines/p/drain");
  ASSERT_TRUE(wait_for_state(sluice, "p", "paused", kSoon));
  // While one request tries again nothing holds it up.
  PipelineState held_up;
  const auto is_held_up = [&] {
    held_up = state_of(sluice, "p");
    return held_up.detail.find("held up: ") != std::string::npos;
  };
  ASSERT_TRUE(eventually(is_held_up, kSoon, milliseconds(50))) << sluice.status();
  EXPECT_THAT(held_up.detail,
              AllOf(HasSubstr("draining: 60 records on their way; held up: "), HasSubstr("503")));
  EXPECT_THAT(held_up.release, ElementsAre("sluice act retry p", "sluice act resume p"))
      << "what would drain it, before what would end the drain";
  EXPECT_EQ(held_up.next, "one request tries again");
}

// Time passes for records, but nothing is decided about them.
TEST_F(Actions, NothingExpiresInAPause) {
  make_topic("actions-expiry");
  broker_.create_topic(topic_ + ".dlq", 1);
  api_.answer_with(RecordingApi::always({.status = 503}));
  produce_numbered(broker_, topic_, kPartitions, 20);
  FlowConfig made(broker_);
  made.admin_token(kToken)
      .target("api", api_.url(), "circuit_breaker: {open_for: 1m}")
      .pipeline("p", topic_, "max_age: 12s, on_expired: dead_letter", topic_ + ".dlq");
  SluiceProcess sluice(made.yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", kSoon)) << sluice.log();
  act(sluice, "pipelines/p/pause");
  std::this_thread::sleep_for(seconds(14));
  EXPECT_EQ(act(sluice, "targets/api/reset-breaker"),
            "1 breaker no longer open: one request each tries again\n");
  std::this_thread::sleep_for(seconds(1));
  EXPECT_THAT(read_topic(broker_.brokers(), topic_ + ".dlq"), IsEmpty());
  EXPECT_EQ(state_of(sluice, "p").dead_lettered, 0);
  act(sluice, "pipelines/p/resume");
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").dead_lettered == 60; }, kSoon))
      << sluice.status();
}

TEST_F(Actions, APauseOutlivesAReloadARebalanceAndADeadConsumer) {
  make_topic("actions-pause-stays");
  const TempDir dir;
  const auto refuse = dir.path() / "refuse";
  SluiceProcess sluice(config().yaml(), {.env = {{"LD_PRELOAD", REFUSE_ASSIGN},
                                                 {"REFUSE_ASSIGN_FILE", refuse.string()},
                                                 {"ASAN_OPTIONS", "verify_asan_link_order=0"}}});
  Load load(broker_, topic_, kPartitions, 300);
  ASSERT_TRUE(api_.wait_for_distinct(300, kSoon)) << sluice.log();
  act(sluice, "pipelines/p/pause");
  const std::size_t taken = settled(sluice);

  sluice.write_config(config("batch: {max_records: 7}, workers: 2").yaml());
  EXPECT_THAT(act(sluice, "reload"), HasSubstr("p starts anew"));
  ASSERT_TRUE(sluice.wait_for_event("partitions_assigned", kSoon, 3)) << sluice.log();
  EXPECT_TRUE(wait_for_state(sluice, "p", "paused", kSoon)) << sluice.status();
  std::this_thread::sleep_for(seconds(3));
  EXPECT_EQ(api_.distinct(), taken) << "after the reload";

  std::size_t by_others = 0;
  {
    SluiceProcess other(config().yaml());
    ASSERT_TRUE(wait_for_members(broker_.brokers(), group_of(topic_), 3, kSoon)) << sluice.log();
    ASSERT_TRUE(eventually([&] { return state_of(other, "p").delivered > 0; }, kSoon))
        << other.log();
    other.signal(SIGTERM);
    ASSERT_TRUE(other.wait(kSoon));
    by_others = api_.distinct();
  }
  ASSERT_TRUE(wait_for_members(broker_.brokers(), group_of(topic_), 2, kSoon)) << sluice.log();
  std::this_thread::sleep_for(seconds(3));
  EXPECT_EQ(api_.distinct(), by_others) << "after the rebalance";

  std::ofstream(refuse).close();
  SluiceProcess third(config().yaml());
  ASSERT_TRUE(eventually(
      [&] { return sluice.log().find("cannot take partitions") != std::string::npos; }, kSoon))
      << sluice.log();
  third.signal(SIGTERM);
  ASSERT_TRUE(third.wait(kSoon));
  std::filesystem::remove(refuse);
  ASSERT_TRUE(eventually(
      [&] {
        const auto reasons = state_of(sluice, "p").reasons;
        return reasons.size() == kPartitions &&
               std::all_of(reasons.begin(), reasons.end(),
                           [](const auto& entry) { return entry.second == "paused"; });
      },
      seconds(60), milliseconds(200)))
      << sluice.status() << sluice.log();
  by_others = api_.distinct();
  std::this_thread::sleep_for(seconds(3));
  EXPECT_EQ(api_.distinct(), by_others) << "after a consumer was made anew";

  act(sluice, "pipelines/p/resume");
  load.stop();
  expect_all_once(sluice);
}

TEST_F(Actions, ABreakerIsResetByItsTarget) {
  make_topic("actions-reset");
  api_.answer_with(RecordingApi::always({.status = 503}));
  produce_numbered(broker_, topic_, kPartitions, 20);
  SluiceProcess sluice(config().yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", kSoon)) << sluice.log();
  api_.answer_with(RecordingApi::take_all());
  EXPECT_FALSE(api_.wait_for_distinct(1, seconds(2))) << "it is open for a minute";
  EXPECT_THAT(act(sluice, "targets/api/reset-breaker"), HasSubstr("1 breaker no longer open"));
  expect_all_once(sluice);
  EXPECT_THAT(act(sluice, "targets/api/reset-breaker", 409), HasSubstr("no breaker of it"));
  EXPECT_THAT(act(sluice, "targets/other/reset-breaker", 404), HasSubstr("no target \"other\""));
  EXPECT_THAT(act(sluice, "targets/api/open-breaker", 400), HasSubstr("there is reset-breaker"));
  EXPECT_THAT(sluice.events("admin_action"),
              Contains(AllOf(HasSubstr("\"target\":\"api\""), HasSubstr("reset-breaker"))));
}

TEST_F(Actions, TheLogLevelChangesUntilTheNextReload) {
  make_topic("actions-level");
  SluiceProcess sluice(config().yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.log();
  EXPECT_THAT(act(sluice, "log-level?level=error"), HasSubstr("it was info"));
  EXPECT_THAT(act(sluice, "log-level?level=error", 409), HasSubstr("error already"));
  EXPECT_THAT(act(sluice, "log-level?level=debug"), HasSubstr("it was error"));
  EXPECT_THAT(act(sluice, "log-level?level=loud", 400), HasSubstr("debug, info, warn or error"));
  EXPECT_THAT(act(sluice, "log-level", 400), HasSubstr("level="));
  EXPECT_THAT(sluice.events("admin_action"), ElementsAre(HasSubstr("the log level is error"),
                                                         HasSubstr("the log level is debug")));
  act(sluice, "reload");
  EXPECT_THAT(sluice.events("admin_action"), Contains(HasSubstr("\"action\":\"reload\"")));
  EXPECT_THAT(sluice.events("admin_action_refused"), Contains(HasSubstr("\"status\":400")));
  EXPECT_THAT(act(sluice, "log-level?level=debug"), HasSubstr("it was info"));
}

TEST_F(Actions, WithoutTheTokenNothingHappens) {
  make_topic("actions-token");
  SluiceProcess sluice(config().yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.log();
  // There is no record and no commit, so nothing is behind.
  const auto known = [&] {
    const auto lag = state_of(sluice, "p").lag;
    return lag.size() == kPartitions &&
           std::all_of(lag.begin(), lag.end(), [](const auto& of) { return of.second == 0; });
  };
  EXPECT_TRUE(eventually(known, kSoon, milliseconds(100))) << sluice.status();
  for (const char* path : {"/-/pipelines/p/pause", "/-/pipelines/p/drain", "/-/pipelines/p/resume",
                           "/-/targets/api/reset-breaker", "/-/log-level?level=debug"}) {
    int status = 0;
    sluice.post(path, "a-token-of-another-one", &status);
    EXPECT_EQ(status, 401) << path;
    sluice.post(path, "", &status);
    EXPECT_EQ(status, 401) << path;
  }
  act(sluice, "pipelines/other/pause", 404);
  EXPECT_THAT(act(sluice, "pipelines/p/pause?topic=" + topic_ + "&partition=0", 400),
              HasSubstr("whole pipeline"));
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  EXPECT_THAT(sluice.events("admin_action"), IsEmpty());
  EXPECT_THAT(sluice.events("admin_action_refused"),
              Contains(AllOf(HasSubstr("pause"), HasSubstr("401"))));
}

}  // namespace
}  // namespace sluice::test
