// SIGKILL under load: nothing is lost, little is repeated, and the successor soon flows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "integration/load.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr std::int32_t kPartitions = 4;
constexpr std::size_t kMaxRecords = 50;
constexpr std::size_t kUnconfirmedRecords = 8 * kMaxRecords;  // of one partition
constexpr int kKills = 5;
constexpr milliseconds kFastApi(5);
constexpr milliseconds kSlowApi(200);  // a request of every partition is under way all the time

struct Kill {
  milliseconds api;
  milliseconds after{0};
  std::size_t lost = 0;
  std::size_t repeated = 0;
  std::size_t allowed = 0;  // taken, but not committed when the process was dead
  double seconds_to_flow = 0;
};

// A run that is killed and started again, and its accounts.
class Trial {
 public:
  Trial(const std::string& topic, const std::string& top) : topic_(topic) {
    broker_.create_topic(topic, kPartitions);
    load_.emplace(broker_, topic, kPartitions, 1000);
    watch_.emplace(broker_, topic, api_);
    config_ = FlowConfig(broker_)
                  .top(top)
                  .target("api", api_.url())
                  .pipeline("p", topic, "batch: {max_records: 50, linger: 20ms}")
                  .yaml();
    sluice_.emplace(config_);
  }

  RecordingApi& api() { return api_; }
  SluiceProcess& sluice() { return *sluice_; }
  const std::vector<Kill>& kills() const { return kills_; }

  bool flows(milliseconds timeout) const {
    return api_.wait_for_distinct(api_.distinct() + 1, timeout);
  }

  // Ends the process now, starts another one, and waits until that has delivered something new.
  void kill_and_restart(milliseconds api, milliseconds after) {
    Kill kill{.api = api, .after = after};
    sluice_->signal(SIGKILL);
    ASSERT_TRUE(sluice_->wait(seconds(10)));
    ASSERT_TRUE(api_.server().wait_for_answers(api_.server().request_count(), seconds(10)));
    settle_repeats();
    take_stock(kill);
    const std::size_t before = api_.distinct();
    const auto start = steady_clock::now();
    sluice_.emplace(config_);
    ASSERT_TRUE(api_.wait_for_distinct(before + 1, seconds(40))) << sluice_->log();
    kill.seconds_to_flow = std::chrono::duration<double>(steady_clock::now() - start).count();
    kills_.push_back(kill);
  }

  // Lets everything arrive, stops in good order and settles the accounts.
  void finish() {
    const std::size_t produced = load_->stop();
    api_.work_for(milliseconds(0));
    EXPECT_TRUE(api_.wait_for_distinct(produced, seconds(40))) << sluice_->log();
    EXPECT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << sluice_->log();
    sluice_->signal(SIGTERM);
    const auto status = sluice_->wait(seconds(30));
    EXPECT_TRUE(status && status->code == 0) << sluice_->log();
    settle_repeats();
    EXPECT_THAT(watch_->stop(), IsEmpty());
    EXPECT_THAT(api_.disorder(), IsEmpty());
    const Accounts accounts = reconcile(broker_, topic_, {&api_});
    EXPECT_TRUE(accounts.lost.empty() && accounts.invented.empty() && accounts.uncommitted == 0)
        << testing::PrintToString(accounts);
  }

 private:
  // Until the next kill, whatever is taken again is the last kill's doing.
  void settle_repeats() {
    const std::size_t now = repeats(api_);
    if (!kills_.empty()) kills_.back().repeated = now - settled_;
    settled_ = now;
  }

  void take_stock(Kill& kill) const {
    const auto committed = committed_offsets(broker_.brokers(), group_of(topic_), topic_);
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      const auto from = std::max(committed[static_cast<std::size_t>(partition)], std::int64_t{0});
      for (std::int64_t n = 0; n < from; ++n) {
        if (!api_.took(record_id(topic_, partition, n))) ++kill.lost;
      }
      std::size_t unconfirmed = 0;
      while (
          api_.took(record_id(topic_, partition, from + static_cast<std::int64_t>(unconfirmed)))) {
        ++unconfirmed;
      }
      EXPECT_LE(unconfirmed, kUnconfirmedRecords) << "partition " << partition;
      kill.allowed += unconfirmed;
    }
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_;
  RecordingApi api_;
  std::optional<Load> load_;
  std::optional<CommitWatch> watch_;
  std::string config_;
  std::optional<SluiceProcess> sluice_;
  std::vector<Kill> kills_;
  std::size_t settled_ = 0;
};

void print_table(const std::string& title, const std::vector<Kill>& kills) {
  std::printf("%s\n kill | API ms | after ms | lost | repeated | of at most | s to flow\n",
              title.c_str());
  for (std::size_t i = 0; i < kills.size(); ++i) {
    const Kill& kill = kills[i];
    std::printf(" %4zu | %6lld | %8lld | %4zu | %8zu | %10zu | %9.2f\n", i + 1,
                static_cast<long long>(kill.api.count()),
                static_cast<long long>(kill.after.count()), kill.lost, kill.repeated, kill.allowed,
                kill.seconds_to_flow);
  }
}

std::uint64_t seed() {
  const char* const given = std::getenv("SLUICE_TEST_SEED");
  const std::uint64_t made =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("SLUICE_TEST_SEED=%llu\n", static_cast<unsigned long long>(made));
  return made;
}

// Kills at random moments, in turns with a fast and with a slow API.
void kill_five_times(Trial& trial, const std::string& title, double seconds_to_flow) {
  std::mt19937_64 random(seed());
  std::uniform_int_distribution<int> any_moment(0, 1500);
  for (int i = 0; i < kKills; ++i) {
    const milliseconds api = i % 2 == 0 ? kFastApi : kSlowApi;
    trial.api().work_for(api);
    ASSERT_TRUE(trial.flows(seconds(40))) << trial.sluice().log();
    const milliseconds after(any_moment(random));
    std::this_thread::sleep_for(after);
    ASSERT_NO_FATAL_FAILURE(trial.kill_and_restart(api, after));
  }
  trial.finish();
  print_table(title, trial.kills());
  for (const Kill& kill : trial.kills()) {
    EXPECT_EQ(kill.lost, 0U);
    EXPECT_LE(kill.repeated, kill.allowed);
    EXPECT_LE(kill.seconds_to_flow, seconds_to_flow);
  }
}

TEST(Crash, ADynamicMembersSuccessorFlowsWithin15Seconds) {
  Trial trial("crash-dynamic", "");
  kill_five_times(trial, "SIGKILL of a dynamic member", 15);
}

TEST(Crash, AStaticMembersSuccessorFlowsWithin3Seconds) {
  Trial trial("crash-static", "instance_id: crash");
  kill_five_times(trial, "SIGKILL of a static member", 3);
}

TEST(Crash, AKillDuringTheDrainOfAStopLosesNothing) {
  Trial trial("crash-drain", "instance_id: drain");
  trial.api().work_for(seconds(1));
  ASSERT_TRUE(trial.flows(seconds(40))) << trial.sluice().log();
  trial.sluice().signal(SIGTERM);
  ASSERT_TRUE(trial.sluice().wait_for_event("service_stopping", seconds(10)));
  ASSERT_NO_FATAL_FAILURE(trial.kill_and_restart(seconds(1), milliseconds(0)));
  trial.finish();
  EXPECT_EQ(trial.kills().front().lost, 0U);
  EXPECT_LE(trial.kills().front().repeated, trial.kills().front().allowed);
}

}  // namespace
}  // namespace sluice::test
