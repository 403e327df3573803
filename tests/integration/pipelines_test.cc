// Several pipelines in one process, and where each begins to read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kQuickBreaker[] = "circuit_breaker: {open_for: 1s, max_open_for: 2s}";

// Two topics, groups and targets. `broken` is in trouble at first, `healthy` never is.
class TwoPipelines : public testing::Test {
 protected:
  void prepare(const std::string& name) {
    broken_topic_ = name + "-broken";
    healthy_topic_ = name + "-healthy";
    broker_.create_topic(broken_topic_, 2);
    broker_.create_topic(healthy_topic_, 2);
    produce_numbered(broker_, broken_topic_, 2, 1'000);
    produce_numbered(broker_, healthy_topic_, 2, 10'000);
  }

  std::string config() {
    return FlowConfig(broker_)
        .target("bad", broken_.url(), kQuickBreaker)
        .pipeline("broken", broken_topic_)
        .target("good", healthy_.url(), kQuickBreaker)
        .pipeline("healthy", healthy_topic_)
        .yaml();
  }

  void expect_only_the_healthy_one_flows(SluiceProcess& sluice, const std::string& reason) {
    ASSERT_TRUE(healthy_.wait_for_distinct(20'000, seconds(30))) << sluice.log();
    ASSERT_TRUE(wait_for_commits(broker_, healthy_topic_, seconds(10))) << sluice.log();
    EXPECT_TRUE(wait_for_state(sluice, "broken", reason, seconds(15))) << sluice.status();
    EXPECT_EQ(state_of(sluice, "healthy").state, "flowing");
    EXPECT_EQ(broken_.distinct(), 0);
    EXPECT_THAT(committed_offsets(broker_.brokers(), group_of(broken_topic_), broken_topic_),
                testing::Each(testing::Le(0)));
    // That it stood next to a broken one has not held it up for a moment.
    for (const char* why : {"breaker_open", "unauthorized", "throttled", "misconfigured"}) {
      EXPECT_EQ(sum_of(sluice, "sluice_stalled_seconds_total",
                       {R"(pipeline="healthy")", R"(reason=")" + std::string(why) + '"'}),
                0);
    }
  }

  // What was healed flows again by its own probes, and so does a record that comes after.
  void expect_recovery(SluiceProcess& sluice) {
    ASSERT_TRUE(broken_.wait_for_distinct(2'000, seconds(15))) << sluice.log();
    produce_numbered(broker_, broken_topic_, 2, 1, 1'000);
    produce_numbered(broker_, healthy_topic_, 2, 1, 10'000);
    ASSERT_TRUE(broken_.wait_for_distinct(2'002, seconds(10))) << sluice.log();
    ASSERT_TRUE(wait_for_commits(broker_, broken_topic_, seconds(10))) << sluice.log();
    ASSERT_TRUE(wait_for_commits(broker_, healthy_topic_, seconds(10))) << sluice.log();
    EXPECT_EQ(reconcile(broker_, broken_topic_, {&broken_}), Accounts{});
    EXPECT_EQ(reconcile(broker_, healthy_topic_, {&healthy_}), Accounts{});
    EXPECT_THAT(broken_.disorder(), IsEmpty());
    EXPECT_TRUE(wait_for_state(sluice, "broken", "flowing", seconds(5))) << sluice.status();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string broken_topic_;
  std::string healthy_topic_;
  RecordingApi broken_;
  RecordingApi healthy_;
};

TEST_F(TwoPipelines, ATargetThatRefusesConnectionsDoesNotHoldUpTheOther) {
  prepare("refused");
  const std::string yaml = config();
  broken_.server().stop();
  SluiceProcess sluice(yaml);
  expect_only_the_healthy_one_flows(sluice, "breaker_open");
  broken_.server().restart();
  expect_recovery(sluice);
}

TEST_F(TwoPipelines, ATargetThatRefusesOurCredentialsDoesNotHoldUpTheOther) {
  prepare("unauthorised");
  broken_.answer_with(RecordingApi::always({.status = 401}));
  SluiceProcess sluice(config());
  expect_only_the_healthy_one_flows(sluice, "unauthorized");
  broken_.answer_with(RecordingApi::take_all());
  expect_recovery(sluice);
}

void stop(SluiceProcess& sluice) {
  sluice.signal(SIGTERM);
  const auto status = sluice.wait(seconds(30));
  ASSERT_TRUE(status) << sluice.log();
  EXPECT_EQ(status->code, 0) << sluice.log();
}

void add_partitions(const KafkaBroker& broker, const std::string& topic, std::size_t total) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, broker.brokers());
  std::array<char, 256> reason{};
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.c_str(), total, reason.data(), reason.size());
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_CreatePartitions(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_NewPartitions_destroy(wanted);
  const RdEvent event(rd_kafka_queue_poll(queue.get(), kCallTimeoutMs));
  ASSERT_TRUE(event);
  require(rd_kafka_event_error(event.get()), "create partitions of " + topic);
  const auto usable = [&] {
    try {
      return end_offsets(broker.brokers(), topic).size() == total;
    } catch (const std::runtime_error&) {
      return false;  // a new partition has no leader yet
    }
  };
  ASSERT_TRUE(eventually(usable, seconds(15)));
}

TEST(Start, LatestPassesOverWhatWasThereBeforeTheFirstStartAndNothingLater) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("latest", 2);
  produce_numbered(broker, "latest", 2, 100);
  RecordingApi api;
  const std::string yaml =
      FlowConfig(broker).target("api", api.url()).pipeline("p", "latest", "start: latest").yaml();
  {
    SluiceProcess sluice(yaml);
    ASSERT_TRUE(wait_for_members(broker.brokers(), group_of("latest"), 1, seconds(30)))
        << sluice.log();
    EXPECT_THAT(committed_offsets(broker.brokers(), group_of("latest"), "latest"),
                ElementsAre(100, 100));
    produce_numbered(broker, "latest", 2, 100, 100);
    ASSERT_TRUE(api.wait_for_distinct(200, seconds(15))) << sluice.log();
    stop(sluice);
  }
  produce_numbered(broker, "latest", 2, 100, 200);  // while nobody reads

  SluiceProcess again(yaml);
  ASSERT_TRUE(wait_for_commits(broker, "latest", seconds(30))) << again.log();
  EXPECT_EQ(api.distinct(), 400);
  for (const auto& [id, times] : api.taken()) EXPECT_EQ(times, 1) << id;
  EXPECT_FALSE(api.took(record_id("latest", 0, 99)));
  EXPECT_TRUE(api.took(record_id("latest", 0, 100)));
}

TEST(Start, LatestReadsANewPartitionOfAKnownTopicFromItsBeginning) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("growing", 1);
  produce_numbered(broker, "growing", 1, 10);
  RecordingApi api;
  const std::string yaml =
      FlowConfig(broker).target("api", api.url()).pipeline("p", "growing", "start: latest").yaml();
  {
    SluiceProcess sluice(yaml);
    ASSERT_TRUE(wait_for_members(broker.brokers(), group_of("growing"), 1, seconds(30)))
        << sluice.log();
    stop(sluice);
  }
  add_partitions(broker, "growing", 2);
  produce_numbered(broker, "growing", 2, 10, 10);

  SluiceProcess again(yaml);
  ASSERT_TRUE(wait_for_commits(broker, "growing", seconds(30))) << again.log();
  EXPECT_EQ(api.distinct(), 20);
  EXPECT_TRUE(api.took(record_id("growing", 1, 10)));
}

TEST(Start, EarliestPicksUpAPartitionThatIsAddedWhileItRuns) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("added", 1);
  produce_numbered(broker, "added", 1, 10);
  RecordingApi api;
  SluiceProcess sluice(FlowConfig(broker)
                           .kafka("topic.metadata.refresh.interval.ms: '500'")
                           .target("api", api.url())
                           .pipeline("p", "added")
                           .yaml());
  ASSERT_TRUE(api.wait_for_distinct(10, seconds(30))) << sluice.log();
  add_partitions(broker, "added", 3);
  produce_numbered(broker, "added", 3, 10, 10);
  ASSERT_TRUE(api.wait_for_distinct(40, seconds(30))) << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker, "added", seconds(10))) << sluice.log();
  EXPECT_EQ(reconcile(broker, "added", {&api}), Accounts{});
}

}  // namespace
}  // namespace sluice::test
