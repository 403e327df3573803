// What a pipeline waits for, and what others see of it meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr char kQuickBreaker[] = "timeout: 1s, circuit_breaker: {open_for: 1s, max_open_for: 2s}";

void stop(SluiceProcess& sluice) {
  sluice.signal(SIGTERM);
  const auto status = sluice.wait(seconds(30));
  ASSERT_TRUE(status) << sluice.log();
  EXPECT_EQ(status->code, 0) << sluice.log();
}

class Park : public testing::Test {
 protected:
  void make_topic(const std::string& name, int partitions) {
    topic_ = name;
    broker_.create_topic(topic_, partitions);
  }
  std::string config(const std::string& pipeline_keys = "", const std::string& top = "") {
    return FlowConfig(broker_)
        .top(top)
        .target("api", api_.url(), kQuickBreaker)
        .pipeline("p", topic_, pipeline_keys)
        .yaml();
  }
  std::vector<std::int64_t> committed() const {
    return committed_offsets(broker_.brokers(), group_of(topic_), topic_);
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

// Of `promtool check metrics` about a scrape; its own words where it cannot be run.
std::string promtool_complaints(const std::string& metrics) {
  const TempDir dir;
  const auto scrape = dir.path() / "scrape";
  const auto said = dir.path() / "said";
  std::ofstream(scrape) << metrics;
  ChildProcess promtool({.argv = {"sh", "-c", "promtool check metrics < " + scrape.string()},
                         .env = {},
                         .out_file = said,
                         .err_file = said});
  const auto status = promtool.wait(seconds(30));
  const std::string complaints = read_file(said);
  if (status && status->code == 0) return complaints;
  return "promtool failed: " + complaints;
}

TEST_F(Park, AWrongCountOfTakenRecordsIsNeverCommitted) {
  make_topic("expect", 1);
  produce_numbered(broker_, topic_, 1, 100);
  const auto counting = [](std::size_t missing) {
    return [missing](const SeenRequest&, const std::vector<std::string>& ids) {
      return Reply{.body = R"({"data":{"accepted":)" + std::to_string(ids.size() - missing) + "}}"};
    };
  };
  api_.answer_with(counting(1));

  SluiceProcess sluice(config("expect: /data/accepted"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "misconfigured", seconds(30))) << sluice.log();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("/data/accepted is 99 for 100 records"));
  ASSERT_TRUE(api_.server().wait_for_answers(4, seconds(15))) << "it does not probe";
  EXPECT_THAT(committed(), Each(Le(0)));
  EXPECT_EQ(state_of(sluice, "p").delivered, 0);

  api_.answer_with(counting(0));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(15))) << sluice.log();
  produce_numbered(broker_, topic_, 1, 1, 100);
  ASSERT_TRUE(api_.wait_for_distinct(101, seconds(10))) << sluice.log();
}

// 429, and 503 that names a time.
class Throttled : public Park, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(By, Throttled, testing::Values(429, 503),
                         testing::PrintToStringParamName());

TEST_P(Throttled, NothingIsSentBeforeTheTimeThatTheTargetNames) {
  make_topic("throttled-" + std::to_string(GetParam()), 1);
  produce_numbered(broker_, topic_, 1, 100);
  std::mutex mutex;
  std::vector<steady_clock::time_point> times;
  api_.answer_with([&](const SeenRequest&, const auto&) {
    const std::lock_guard lock(mutex);
    times.push_back(steady_clock::now());
    if (times.size() > 2) return Reply{};
    return Reply{.status = GetParam(), .headers = {{"Retry-After", "2"}}};
  });

  SluiceProcess sluice(config());
  ASSERT_TRUE(wait_for_state(sluice, "p", "throttled", seconds(30))) << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
  produce_numbered(broker_, topic_, 1, 1, 100);
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(10))) << sluice.log();

  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
  const std::lock_guard lock(mutex);
  ASSERT_THAT(times, SizeIs(4));
  EXPECT_GE(times[1] - times[0], seconds(2));
  EXPECT_GE(times[2] - times[1], seconds(2));
  EXPECT_LE(times[2] - times[0], seconds(8)) << "it waits for longer than it was asked to";
  EXPECT_EQ(sum_of(sluice, "sluice_requests_total", {R"(verdict="throttled")"}), 2);
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty());
}

// An offset that fell out of the topic at either end.
class OutOfRange : public Park {
 protected:
  void run(const std::string& name, std::int64_t offset, std::int64_t deleted_before) {
    make_topic(name, 2);
    produce_numbered(broker_, topic_, 2, 100);
    commit_offsets(broker_.brokers(), group_of(topic_), topic_, {offset, 0});
    if (deleted_before > 0) broker_.delete_records(topic_, 0, deleted_before);
    {
      SluiceProcess sluice(config());
      ASSERT_TRUE(wait_for_state(sluice, "p", "offset_out_of_range", seconds(30)))
          << sluice.status() << sluice.log();
      ASSERT_TRUE(api_.wait_for_distinct(100, seconds(15))) << sluice.log();
      produce_numbered(broker_, topic_, 2, 10, 100);
      ASSERT_TRUE(api_.wait_for_id(record_id(topic_, 1, 109), seconds(15))) << sluice.log();
      EXPECT_EQ(state_of(sluice, "p").state, "offset_out_of_range");
      EXPECT_EQ(state_of(sluice, "p").reasons.at(0), "offset_out_of_range");
      EXPECT_EQ(state_of(sluice, "p").reasons.at(1), "flowing");
      stop(sluice);
    }
    EXPECT_EQ(api_.distinct(), 110) << "it has read the partition that is out of range";
    EXPECT_THAT(committed(), ElementsAre(offset, 110));

    commit_offsets(broker_.brokers(), group_of(topic_), topic_, {deleted_before, 110});
    SluiceProcess again(config());
    ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << again.log();
    EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(220 - deleted_before));
    EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
  }
};

TEST_F(OutOfRange, AnExpiredOffsetParksItsPartitionAloneAndSkipsNothing) { run("expired", 0, 50); }

TEST_F(OutOfRange, AnOffsetBehindTheEndParksItsPartitionAloneAndRepeatsNothing) {
  run("beyond", 5'000, 0);
}

TEST_F(Park, LagIsRightWhileNothingIsRead) {
  make_topic("lag", 2);
  produce_numbered(broker_, topic_, 2, 1'000);
  api_.answer_with(RecordingApi::always({.status = 503}));
  SluiceProcess sluice(config("batch: {max_records: 10}, retry: {initial: 50ms, max: 200ms}"));
  const auto lag_is = [&](double lag) {
    for (const char* partition : {R"(partition="0")", R"(partition="1")"}) {
      const std::vector<std::string> labels{partition, R"(topic="lag")", R"(pipeline="p")"};
      if (sum_of(sluice, "sluice_lag_records", labels) != lag) return false;
    }
    return true;
  };
  const std::vector<std::string> of_first{R"(partition="0")", R"(topic="lag")", R"(pipeline="p")"};
  const auto age = [&] {
    return sum_of(sluice, "sluice_oldest_undelivered_age_seconds", of_first);
  };
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", seconds(30))) << sluice.log();
  EXPECT_TRUE(eventually([&] { return lag_is(1'000); }, seconds(15))) << sluice.metrics();
  EXPECT_EQ(sum_of(sluice, "sluice_scalable_lag_records", {}), 0) << "more replicas do not help";
  EXPECT_EQ(sum_of(sluice, "sluice_stalled_workers", {R"(reason="breaker_open")"}), 1);
  EXPECT_GE(sum_of(sluice, "sluice_stalled_partitions", {R"(reason="breaker_open")"}), 1);
  EXPECT_GE(sum_of(sluice, "sluice_request_retries_total", {}), 1);
  const double before = age();
  EXPECT_GT(before, 0);
  EXPECT_TRUE(eventually([&] { return age() > before + 1; }, seconds(10))) << "it gets older";
  EXPECT_THAT(promtool_complaints(sluice.metrics()), IsEmpty());
  produce_numbered(broker_, topic_, 2, 500, 1'000);
  EXPECT_TRUE(eventually([&] { return lag_is(1'500); }, seconds(15))) << sluice.metrics();
  EXPECT_EQ(state_of(sluice, "p").lag,
            (std::map<std::int32_t, std::int64_t>{{0, 1500}, {1, 1500}}));

  api_.answer_with(RecordingApi::take_all());
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
  EXPECT_TRUE(eventually([&] { return lag_is(0) && age() == 0; }, seconds(15))) << sluice.metrics();
  EXPECT_EQ(sum_of(sluice, "sluice_stalled_partitions", {}), 0) << sluice.metrics();
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
  EXPECT_THAT(promtool_complaints(sluice.metrics()), IsEmpty());
}

TEST_F(Park, LagThatMoreReplicasCouldWorkOffIsThatOfWhatFlows) {
  make_topic("scalable", 2);
  produce_numbered(broker_, topic_, 2, 1'000);
  api_.answer_with(RecordingApi::always({.delay = milliseconds(50)}));
  SluiceProcess sluice(config("batch: {max_records: 10}"));
  const auto scalable = [&] { return sum_of(sluice, "sluice_scalable_lag_records", {}); };
  EXPECT_TRUE(eventually([&] { return scalable() > 500; }, seconds(30))) << sluice.metrics();
  EXPECT_EQ(sum_of(sluice, "sluice_stalled_workers", {}), 0);
  // What nobody takes any more: neither replicas nor we can do anything about it.
  api_.answer_with(RecordingApi::always({.status = 401}));
  EXPECT_TRUE(eventually([&] { return scalable() == 0; }, seconds(10))) << sluice.metrics();
  EXPECT_GT(sum_of(sluice, "sluice_lag_records", {}), 0);
  api_.answer_with(RecordingApi::take_all());
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
  EXPECT_TRUE(eventually([&] { return scalable() == 0; }, seconds(10))) << sluice.metrics();
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
}

std::size_t peak_memory(const SluiceProcess& sluice) {
  std::istringstream lines(read_file("/proc/" + std::to_string(sluice.pid()) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

// Three times as many bytes as the budget has, in records of that many bytes, for batches that
// would take more than it if they could.
class Memory : public Park, public testing::WithParamInterface<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(OfRecords, Memory, testing::Values(250, 16'000),
                         testing::PrintToStringParamName());

TEST_P(Memory, StaysWithinTheBudgetWhileTheTargetHangsAndAfterwards) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's memory is its own";
#endif
  constexpr std::size_t kMiB = 1024 * 1024;
  constexpr std::size_t kAllowed = (64 + 64) * kMiB;  // the budget, and what a process needs
  make_topic("memory-" + std::to_string(GetParam()), 8);
  const auto each = static_cast<std::int64_t>(192 * kMiB / 8 / GetParam());
  produce_numbered(broker_, topic_, 8, each, 0, GetParam() - 50);
  api_.answer_with(RecordingApi::always({.fault = Fault::hang}));

  SluiceProcess sluice(
      config("batch: {max_records: 100000, max_bytes: 4MiB}", "memory: {budget: 64MiB}"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", seconds(30))) << sluice.log();
  // Until it takes nothing more: as full as it ever will be.
  double consumed = -1;
  const auto settled = [&] {
    const double before =
        std::exchange(consumed, sum_of(sluice, "sluice_records_consumed_total", {}));
    return consumed == before;
  };
  ASSERT_TRUE(eventually(settled, seconds(20), seconds(2)));
  EXPECT_LT(consumed, static_cast<double>(8 * each));
  EXPECT_LT(peak_memory(sluice), kAllowed) << "while it hangs";

  api_.answer_with(RecordingApi::take_all());
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(60))) << sluice.log();
  EXPECT_LT(peak_memory(sluice), kAllowed) << "when it has flowed again";
  produce_numbered(broker_, topic_, 8, 1, each);
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(15))) << sluice.log();
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
}

}  // namespace
}  // namespace sluice::test
