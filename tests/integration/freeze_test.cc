// A member that stood still (SIGSTOP) for longer than its session: another has its partitions, and
// it must not send before it is told that it is a member again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::IsEmpty;

constexpr std::int32_t kPartitions = 4;
constexpr std::size_t kUnconfirmedRecords = 8 * 50;  // of one partition
constexpr milliseconds kWork(300);

// As the log writes it, so that the two can be compared as text.
std::string to_text(system_clock::time_point time) {
  const std::time_t whole = system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const auto ms = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count() % 1000;
  const std::string digits = std::to_string(1000 + ms);
  return std::string(text.data(), size) + "." + digits.substr(1) + "Z";
}

std::string time_of(const std::string& log_line) {
  const std::string before = R"("time":")";
  const std::size_t at = log_line.find(before) + before.size();
  return log_line.substr(at, log_line.find('"', at) - at);
}

// When requests of one path arrived, and how many of them are at work.
class Arrivals {
 public:
  explicit Arrivals(std::string path) : path_(std::move(path)) {}

  RecordingApi::Answer answer() {
    return [this](const SeenRequest& request, const std::vector<std::string>&) {
      note(request, 1);
      std::this_thread::sleep_for(kWork);
      note(request, -1);
      return Reply{};
    };
  }

  // Each of `count` lanes waits for an answer that is not about to come.
  bool all_at_work(std::size_t count) const {
    const std::lock_guard lock(mutex_);
    return at_work_ == static_cast<int>(count) &&
           times_.at(times_.size() - count) > system_clock::now() - kWork / 2;
  }

  std::vector<std::string> after(const std::string& time) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> later;
    for (const auto& arrival : times_) {
      if (to_text(arrival) > time) later.push_back(to_text(arrival));
    }
    return later;
  }

 private:
  void note(const SeenRequest& request, int change) {
    if (request.path != path_) return;
    const std::lock_guard lock(mutex_);
    at_work_ += change;
    if (change > 0) times_.push_back(system_clock::now());
  }

  const std::string path_;
  mutable std::mutex mutex_;
  int at_work_ = 0;
  std::vector<system_clock::time_point> times_;
};

std::string member(const std::string& name, const std::string& topic, const RecordingApi& api) {
  return FlowConfig(KafkaBroker::shared())
      .kafka("session.timeout.ms: 6000")
      .target("api", api.url())
      .pipeline(name, topic, "batch: {max_records: 50, linger: 20ms}")
      .yaml();
}

// The first of its assignments that is later than `time`; empty: none yet.
std::string assigned_after(const SluiceProcess& sluice, const std::string& time) {
  for (const std::string& line : sluice.events("partitions_assigned")) {
    if (time_of(line) > time) return time_of(line);
  }
  return "";
}

TEST(Freeze, AMemberThatWakesUpTooLateSendsNothingUntilItIsAMemberAgain) {
  KafkaBroker& broker = KafkaBroker::shared();
  const std::string topic = "frozen";
  broker.create_topic(topic, kPartitions);
  Arrivals frozen_sends("/frozen");
  RecordingApi api(frozen_sends.answer());
  CommitWatch watch(broker, topic, api);
  Load load(broker, topic, kPartitions, 400);
  SluiceProcess awake(member("awake", topic, api));
  SluiceProcess frozen(member("frozen", topic, api));
  ASSERT_TRUE(wait_for_members(broker.brokers(), group_of(topic), 2, seconds(30))) << awake.log();
  ASSERT_TRUE(eventually([&] { return state_of(frozen, "frozen").delivered > 0; }, seconds(20)));
  ASSERT_TRUE(eventually([&] { return frozen_sends.all_at_work(kPartitions / 2); }, seconds(20),
                         milliseconds(1)));

  frozen.signal(SIGSTOP);
  ASSERT_TRUE(wait_for_members(broker.brokers(), group_of(topic), 1, seconds(30))) << awake.log();
  ASSERT_TRUE(wait_for_all(broker, topic, api, seconds(40)))
      << "the other did not take over: " << awake.status() << awake.log();
  const std::string woken_at = to_text(system_clock::now());
  frozen.signal(SIGCONT);

  std::string member_at;
  ASSERT_TRUE(eventually([&] { return !(member_at = assigned_after(frozen, woken_at)).empty(); },
                         seconds(30)))
      << frozen.log();
  ASSERT_TRUE(eventually([&] { return !frozen_sends.after(member_at).empty(); }, seconds(20)))
      << frozen.log();
  EXPECT_EQ(frozen_sends.after(woken_at), frozen_sends.after(member_at)) << frozen.log();
  load.stop();
  EXPECT_TRUE(wait_for_all(broker, topic, api, seconds(60)));
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(20)));
  EXPECT_THAT(watch.stop(), IsEmpty());
  EXPECT_LT(frozen.events("commit_failed").size(), 20U) << "it asks again and again";
  const Accounts accounts = reconcile(broker, topic, {&api});
  EXPECT_TRUE(accounts.lost.empty() && accounts.invented.empty() && accounts.uncommitted == 0)
      << testing::PrintToString(accounts);
  EXPECT_LE(repeats(api), kPartitions / 2 * kUnconfirmedRecords);
}

}  // namespace
}  // namespace sluice::test
