// One budget for all replicas of a group: what the API sees of them together never exceeds it, also
// while members come and go, and most of it is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Moment = std::chrono::steady_clock::time_point;

constexpr int kPartitions = 12;
constexpr std::int64_t kEach = 900;
constexpr std::size_t kLimit = 1000;  // requests in any second

// Notes when each request came.
class Arrivals {
 public:
  void note() {
    const Moment now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    times_.push_back(now);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return times_.size();
  }
  // The most that came in any second, wherever it begins.
  std::size_t most_in_a_second() const {
    const std::lock_guard lock(mutex_);
    std::vector<Moment> times = times_;
    std::sort(times.begin(), times.end());
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < times.size(); ++last) {
      while (times[last] - times[first] >= seconds(1)) ++first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Moment> times_;
};

class Budget : public testing::Test {
 protected:
  std::string config() const {
    return FlowConfig(broker_)
        .target("api", api_.url(), "rate_limit: [{requests: 1000, per: 1s, share: group}]")
        .pipeline("p", "budget", "batch: {max_records: 1, linger: 0ms}")
        .yaml();
  }
  std::size_t partitions_of(SluiceProcess& sluice) const {
    return state_of(sluice, "p").reasons.size();
  }
  bool hold(SluiceProcess& sluice, std::size_t partitions) const {
    return eventually([&] { return partitions_of(sluice) == partitions; }, seconds(30));
  }
  // Requests a second while so many more come in.
  double rate_of(std::size_t requests) const {
    const std::size_t before = arrivals_.count();
    const Moment begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return arrivals_.count() >= before + requests; }, seconds(30),
                           milliseconds(5)));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return static_cast<double>(arrivals_.count() - before) / took.count();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  Arrivals arrivals_;
  RecordingApi api_{[this](const SeenRequest&, const std::vector<std::string>&) {
    arrivals_.note();
    return Reply{};
  }};
};

TEST_F(Budget, OfAGroupIsNeverExceededAndMostlyUsedWhileMembersComeAndGo) {
  broker_.create_topic("budget", kPartitions);
  produce_numbered(broker_, "budget", kPartitions, kEach);
  SluiceProcess first(config());
  ASSERT_TRUE(hold(first, kPartitions)) << first.log();
  const double alone = rate_of(2500);

  std::optional<SluiceProcess> second(std::in_place, config());
  ASSERT_TRUE(hold(*second, kPartitions / 2)) << second->log();
  ASSERT_TRUE(hold(first, kPartitions / 2)) << first.log();
  rate_of(1000);  // shares that were gained start without tokens
  const double together = rate_of(3000);

  second->signal(SIGTERM);
  ASSERT_TRUE(second->wait(seconds(30)));
  ASSERT_TRUE(hold(first, kPartitions)) << first.log();
  ASSERT_TRUE(wait_for_commits(broker_, "budget", seconds(60))) << first.log();

  EXPECT_LE(arrivals_.most_in_a_second(), kLimit);
  EXPECT_GE(alone, 0.75 * kLimit);
  EXPECT_GE(together, 0.75 * kLimit);
  const Accounts accounts = reconcile(broker_, "budget", {&api_});
  EXPECT_EQ(accounts, Accounts{}) << "nothing lost, invented or repeated";
  EXPECT_EQ(api_.distinct(), kPartitions * kEach);
}

}  // namespace
}  // namespace sluice::test
