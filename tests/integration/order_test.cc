// What is promised to stay in order arrives in order, whatever happens; and what is not goes side
// by side, as many at once as the limits allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "integration/keyed.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

// What keeps its order together.
struct Kept {
  const char* name;
  const char* keys;  // of the pipeline
  const char* path;
  int lanes;  // keys of a partition in the test; 1: all its records
};

void PrintTo(const Kept& kept, std::ostream* out) { *out << kept.name; }

constexpr std::int32_t kPartitions = 2;
constexpr std::int64_t kPoison = 7;  // the number of a bad record of each partition's first key

class Order : public testing::TestWithParam<Kept> {
 protected:
  Order()
      : topic_(std::string("order-") + GetParam().name),
        feed_((broker_.create_topic(topic_, kPartitions), broker_), topic_, kPartitions,
              GetParam().lanes) {
    broker_.create_topic(topic_ + ".dlq", 1);
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      poison_.insert(feed_.id(partition, 0, kPoison));
    }
  }

  // Every tenth request fails, and each with a bad record is refused.
  RecordingApi::Answer troubled() {
    return [this](const SeenRequest&, const std::vector<std::string>& ids) {
      const auto bad = [&](const std::string& id) { return poison_.contains(id); };
      if (std::any_of(ids.begin(), ids.end(), bad)) return Reply{.status = 400};
      const std::lock_guard lock(mutex_);
      return Reply{.status = random_() % 10 == 0 ? 500 : 200};
    };
  }

  std::string config() const {
    std::string yaml = FlowConfig(broker_)
                           .target("api", api_.url(), "circuit_breaker: {failures: 100}")
                           .pipeline("p", topic_,
                                     "batch: {max_records: 20, linger: 10ms}, drain_timeout: 5s, "
                                     "retry: {initial: 5ms, max: 20ms}, " +
                                         std::string(GetParam().keys),
                                     topic_ + ".dlq")
                           .yaml();
    const std::string fixed = "path: /p";
    return yaml.replace(yaml.find(fixed), fixed.size(),
                        "path: '" + std::string(GetParam().path) + "'");
  }

  // More records come until it holds.
  template <class Predicate>
  bool under_load(Predicate holds) {
    return eventually(
        [&] {
          feed_.add(10);
          return holds();
        },
        seconds(40), milliseconds(50));
  }

  std::size_t members() const { return group_members(broker_.brokers(), group_of(topic_)).size(); }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_;
  KeyedFeed feed_;
  std::set<std::string> poison_;
  std::mutex mutex_;
  std::mt19937 random_{1};
  RecordingApi api_{troubled()};
};

TEST_P(Order, HoldsThroughFailuresBadRecordsAndRebalances) {
  api_.work_for(milliseconds(3));
  SluiceProcess first(config());
  ASSERT_TRUE(under_load([&] { return api_.distinct() > 100; })) << first.log();
  SluiceProcess second(config());
  ASSERT_TRUE(under_load([&] { return state_of(second, "p").delivered > 0; })) << second.log();
  second.signal(SIGTERM);
  ASSERT_TRUE(under_load([&] { return !second.running(); })) << second.log();
  EXPECT_EQ(second.wait(seconds(1))->code, 0) << second.log();
  ASSERT_TRUE(under_load([&] { return members() == 1; })) << first.log();

  ASSERT_TRUE(api_.wait_for_distinct(feed_.count() - poison_.size(), seconds(30)))
      << first.status() << first.log();
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << first.status() << first.log();
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(api_.overlaps(), IsEmpty());
  Accounts expected;
  expected.dead = {poison_.begin(), poison_.end()};
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}, topic_ + ".dlq"), expected);
  EXPECT_GT(sum_of(first, "sluice_requests_total", {R"(verdict="retry")"}), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Order,
    testing::Values(Kept{"partitions", "order: partition", "/p", 1},
                    Kept{"keys", "order: key", "/p", 12},
                    Kept{"groups", "group_by: [/tenant, 'header:tenant']", "/p", 6},
                    Kept{"paths", "order: partition", "/users/{key}/events", 6}),
    [](const auto& test) { return std::string(test.param.name); });

// Counts the requests that are at work at the same time.
class Crowd {
 public:
  // To be called by the handler; takes as long as the work.
  void work(milliseconds time) {
    const int now = ++at_work_;
    int most = most_;
    while (now > most && !most_.compare_exchange_weak(most, now)) continue;
    std::this_thread::sleep_for(time);
    --at_work_;
  }
  int most() const { return most_; }

 private:
  std::atomic<int> at_work_{0};
  std::atomic<int> most_{0};
};

struct Limits {
  const char* name;
  const char* target;
  const char* pipeline;
  int at_once;
};

void PrintTo(const Limits& limits, std::ostream* out) { *out << limits.name; }

class WithoutOrder : public testing::TestWithParam<Limits> {};

TEST_P(WithoutOrder, OnePartitionSendsAsManyAtOnceAsTheLimitsAllow) {
  constexpr std::int64_t kRecords = 1'000;
  KafkaBroker& broker = KafkaBroker::shared();
  const std::string topic = std::string("no-order-") + GetParam().name;
  broker.create_topic(topic, 1);
  produce_numbered(broker, topic, 1, kRecords);
  Crowd crowd;
  RecordingApi api([&](const SeenRequest&, const std::vector<std::string>&) {
    crowd.work(milliseconds(30));
    return Reply{};
  });
  SluiceProcess sluice(
      FlowConfig(broker)
          .target("api", api.url(), GetParam().target)
          .pipeline("p", topic,
                    "order: none, batch: {max_records: 10}, " + std::string(GetParam().pipeline))
          .yaml());
  ASSERT_TRUE(api.wait_for_distinct(kRecords, seconds(30))) << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker, topic, seconds(10))) << sluice.log();
  EXPECT_EQ(crowd.most(), GetParam().at_once);
  EXPECT_EQ(reconcile(broker, topic, {&api}), Accounts{});
}

INSTANTIATE_TEST_SUITE_P(
    Of, WithoutOrder,
    testing::Values(Limits{"concurrency", "concurrency: {max: 6}", "max_unconfirmed_batches: 20",
                           6},
                    Limits{"connections", "connections: 4", "max_unconfirmed_batches: 20", 4},
                    Limits{"unconfirmed", "connections: 8", "max_unconfirmed_batches: 3", 3}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Weight, DividesWhatASlowTargetTakesAmongItsPipelines) {
  KafkaBroker& broker = KafkaBroker::shared();
  Crowd crowd;
  std::mutex mutex;
  std::map<std::string, int> requests;  // since both were at work
  std::set<std::string> seen;
  RecordingApi api([&](const SeenRequest& request, const std::vector<std::string>&) {
    crowd.work(milliseconds(40));
    const std::lock_guard lock(mutex);
    seen.insert(request.path);
    if (seen.size() == 2) ++requests[request.path];
    return Reply{};
  });
  FlowConfig config(broker);
  config.target("api", api.url(), "concurrency: {max: 4, adaptive: false}");
  for (const std::string name : {"heavy", "light"}) {
    broker.create_topic("weight-" + name, 1);
    produce_numbered(broker, "weight-" + name, 1, 20'000);
    config.pipeline(name, "weight-" + name,
                    "order: none, batch: {max_records: 5}, weight: " +
                        std::string(name == "heavy" ? "3" : "1"));
  }
  SluiceProcess sluice(config.yaml());
  const auto sum = [&] {
    const std::lock_guard lock(mutex);
    return requests["/heavy"] + requests["/light"];
  };
  ASSERT_TRUE(eventually([&] { return sum() >= 400; }, seconds(40))) << sluice.log();
  const std::lock_guard lock(mutex);
  const double ratio = requests["/heavy"] / static_cast<double>(requests["/light"]);
  EXPECT_GT(ratio, 2.5);
  EXPECT_LT(ratio, 3.5);
  EXPECT_EQ(crowd.most(), 4);
}

}  // namespace
}  // namespace sluice::test
