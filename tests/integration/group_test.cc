// Members that come and go under load: what was sent is answered or cancelled before a partition
// changes hands, so nothing is lost and next to nothing repeated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr std::int32_t kPartitions = 4;

// A member of group_of(topic); its requests go to "/<name>".
std::string member(const std::string& name, const std::string& topic, const RecordingApi& api,
                   const std::string& keys = "") {
  const std::string batch = "batch: {max_records: 50, linger: 20ms}";
  return FlowConfig(KafkaBroker::shared())
      .target("api", api.url(), "concurrency: {adaptive: false}")
      .pipeline(name, topic, keys.empty() ? batch : batch + ", " + keys)
      .yaml();
}

// A member of the same group that reads another topic: its coming and going takes every partition
// away from the others, and gives it back to them.
class Bystander {
 public:
  Bystander(const std::string& group, const std::string& topic)
      : client_(make_client(RD_KAFKA_CONSUMER, KafkaBroker::shared().brokers(),
                            {{"group.id", group}})) {
    rd_kafka_poll_set_consumer(client_.get());
    const RdPartitions topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    require(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
    thread_ = std::thread([this] {
      while (!leaving_) const RdMessage ignored(rd_kafka_consumer_poll(client_.get(), 50));
      rd_kafka_consumer_close(client_.get());
    });
  }
  ~Bystander() {
    leaving_ = true;
    thread_.join();
  }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;

 private:
  RdKafka client_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

class Group : public testing::Test {
 protected:
  void start_load(const std::string& topic) {
    topic_ = topic;
    broker_.create_topic(topic, kPartitions);
    load_.emplace(broker_, topic, kPartitions, 1000);
    watch_.emplace(broker_, topic, api_);
  }

  bool has_members(std::size_t count) const {
    return wait_for_members(broker_.brokers(), group_of(topic_), count, seconds(30));
  }

  bool flows() const { return api_.wait_for_distinct(api_.distinct() + 1, seconds(30)); }

  // All arrives and is committed by `sluice`, perhaps with others; what is repeated is left to the
  // test.
  Accounts settle(SluiceProcess& sluice) {
    load_->stop();
    api_.work_for(milliseconds(0));
    EXPECT_TRUE(wait_for_all(broker_, topic_, api_, seconds(40)))
        << sluice.status() << sluice.log();
    EXPECT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << sluice.status() << sluice.log();
    EXPECT_THAT(watch_->stop(), IsEmpty());
    const Accounts accounts = reconcile(broker_, topic_, {&api_});
    EXPECT_TRUE(accounts.lost.empty() && accounts.invented.empty() && accounts.uncommitted == 0)
        << testing::PrintToString(accounts);
    return accounts;
  }

  void a_second_member_joins_and_leaves(milliseconds api_works_for);

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
  std::optional<Load> load_;
  std::optional<CommitWatch> watch_;
};

void Group::a_second_member_joins_and_leaves(milliseconds api_works_for) {
  api_.work_for(api_works_for);
  SluiceProcess first(member("first", topic_, api_));
  ASSERT_TRUE(flows()) << first.log();
  SluiceProcess second(member("second", topic_, api_));
  ASSERT_TRUE(has_members(2)) << first.log() << second.log();
  ASSERT_TRUE(eventually([&] { return state_of(second, "second").delivered > 0; }, seconds(20)))
      << second.log();

  second.signal(SIGTERM);
  const auto status = second.wait(seconds(30));
  ASSERT_TRUE(status && status->code == 0) << second.log();
  ASSERT_TRUE(has_members(1)) << first.log();
  ASSERT_TRUE(flows()) << first.log();

  EXPECT_THAT(settle(first).repeated, IsEmpty()) << first.log() << second.log();
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(first.events("partitions_lost"), IsEmpty());
}

TEST_F(Group, AMemberThatJoinsAndLeavesUnderLoadRepeatsNothing) {
  start_load("group-fast");
  a_second_member_joins_and_leaves(milliseconds(5));
}

TEST_F(Group, RequestsUnderWayAtARevokeAreDrainedAndNotRepeated) {
  start_load("group-drained");
  a_second_member_joins_and_leaves(milliseconds(300));
}

TEST_F(Group, PartitionsThatComeStraightBackGoOnWhereTheyStood) {
  start_load("group-back");
  broker_.create_topic("group-back-other", 1);
  api_.work_for(milliseconds(300));
  SluiceProcess sluice(member("p", topic_, api_));
  ASSERT_TRUE(flows()) << sluice.log();
  for (std::size_t round = 1; round <= 3; ++round) {
    const Bystander bystander(group_of(topic_), "group-back-other");
    ASSERT_TRUE(has_members(2)) << sluice.log();
    ASSERT_TRUE(flows()) << sluice.log();
  }
  ASSERT_TRUE(has_members(1)) << sluice.log();
  ASSERT_TRUE(flows()) << sluice.log();

  EXPECT_GE(sluice.events("partitions_revoked").size(), 3U);
  EXPECT_THAT(sluice.events("partitions_lost"), IsEmpty());
  EXPECT_THAT(settle(sluice).repeated, IsEmpty()) << sluice.log();
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(api_.overlaps(), IsEmpty());
}

// Answers that take longer than drain_timeout, from stall() until flow().
class GroupWithAStallingApi : public Group {
 protected:
  void stall() {
    api_.answer_with([this](const SeenRequest&, const std::vector<std::string>& ids) {
      const std::lock_guard lock(mutex_);
      stalled_.insert(ids.begin(), ids.end());
      ++requests_;
      return Reply{.delay = seconds(20)};
    });
    ASSERT_TRUE(eventually([&] { return requests() == kPartitions; }, seconds(20)));
  }

  void flow() { api_.answer_with(RecordingApi::take_all()); }

  // The ids of the requests that were not answered in time.
  std::set<std::string> stalled() const {
    const std::lock_guard lock(mutex_);
    return stalled_;
  }

  std::int32_t requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> stalled_;
  std::int32_t requests_ = 0;
};

TEST_F(GroupWithAStallingApi, OnlyBatchesCancelledAtARevokeAreRepeated) {
  start_load("group-cancelled");
  SluiceProcess first(member("first", topic_, api_, "drain_timeout: 500ms"));
  ASSERT_TRUE(flows()) << first.log();
  ASSERT_NO_FATAL_FAILURE(stall());
  SluiceProcess second(member("second", topic_, api_, "drain_timeout: 500ms"));
  ASSERT_TRUE(first.wait_for_event("partitions_revoked", seconds(15))) << first.log();
  flow();
  ASSERT_TRUE(has_members(2)) << first.log();

  EXPECT_THAT(settle(first).repeated, ElementsAreArray(stalled())) << first.log() << second.log();
  EXPECT_EQ(repeats(api_), stalled().size());
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

TEST_F(GroupWithAStallingApi, WhatWasCancelledIsSentAgainWhenItsPartitionComesStraightBack) {
  start_load("group-cancelled-back");
  broker_.create_topic("group-cancelled-back-other", 1);
  SluiceProcess sluice(member("p", topic_, api_, "drain_timeout: 500ms"));
  ASSERT_TRUE(flows()) << sluice.log();
  ASSERT_NO_FATAL_FAILURE(stall());
  const Bystander bystander(group_of(topic_), "group-cancelled-back-other");
  ASSERT_TRUE(sluice.wait_for_event("partitions_revoked", seconds(15))) << sluice.log();
  flow();
  ASSERT_TRUE(has_members(2)) << sluice.log();

  EXPECT_THAT(settle(sluice).repeated, ElementsAreArray(stalled())) << sluice.log();
  EXPECT_EQ(repeats(api_), stalled().size());
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
