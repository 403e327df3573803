// Which topics a pipeline reads, and where it begins: patterns, and `start` by time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <string>
#include <thread>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Subscription : public testing::Test {
 protected:
  static std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    if (at == text.npos) throw std::runtime_error("no " + what + " in " + text);
    return text.replace(at, what.size(), by);
  }
  // The pipeline of `topic` reads `topics` instead.
  std::string config_for(const std::string& topics, const std::string& topic,
                         const std::string& keys = "", const std::string& dead_letters = "") {
    return replaced(FlowConfig(broker_)
                        .kafka("topic.metadata.refresh.interval.ms: 500")
                        .target("api", api_.url())
                        .pipeline("p", topic, "batch: {linger: 20ms}" + keys, dead_letters)
                        .yaml(),
                    "topics: [" + topic + "]", "topics: [" + topics + "]");
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  RecordingApi api_;
};

TEST_F(Subscription, ATopicThatIsNotThereYetIsNamedAndReadOnceItIs) {
  const std::string topic = "comes-later";
  SluiceProcess sluice(config_for(topic, topic));
  ASSERT_TRUE(sluice.wait_for_event("pipeline_started", seconds(20))) << sluice.log();
  EXPECT_TRUE(wait_for_state(sluice, "p", "kafka_error", seconds(20)))
      << sluice.status() << sluice.log();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr(topic));
  broker_.create_topic(topic, 4);
  produce_numbered(broker_, topic, 4, 100);
  ASSERT_TRUE(api_.wait_for_distinct(400, seconds(15))) << sluice.log();
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5))) << sluice.status();
  ASSERT_TRUE(wait_for_commits(broker_, topic, seconds(20))) << sluice.log();
  EXPECT_EQ(reconcile(broker_, topic, {&api_}), Accounts{});
}

TEST_F(Subscription, APatternReadsTheTopicsThatAreThereAndThoseThatCome) {
  broker_.create_topic("pattern.a", 2);
  broker_.create_topic("other.pattern.b", 1);
  produce_numbered(broker_, "pattern.a", 2, 10);
  produce_numbered(broker_, "other.pattern.b", 1, 10);
  SluiceProcess sluice(config_for("'/^pattern\\..*/'", "pattern.a"));
  ASSERT_TRUE(api_.wait_for_distinct(20, seconds(20)));
  broker_.create_topic("pattern.later", 1);
  produce_numbered(broker_, "pattern.later", 1, 10);
  ASSERT_TRUE(api_.wait_for_id(record_id("pattern.later", 0, 9), seconds(20)));
  EXPECT_EQ(api_.distinct(), 30U) << "nothing of other.pattern.b";
}

TEST_F(Subscription, APatternNeverReadsADeadLetterTopic) {
  broker_.create_topic("loop.in", 1);
  broker_.create_topic("loop.in.dlq", 1);
  produce(broker_.brokers(), "loop.in", {{.value = "no json"}, {.value = record_value("x")}});
  produce(broker_.brokers(), "loop.in.dlq", {{.value = record_value("old dead letter")}});
  SluiceProcess sluice(config_for("'/^loop\\..*/'", "loop.in", "", "loop.in.dlq"));
  ASSERT_TRUE(api_.wait_for_id("x", seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "loop.in", seconds(20)));
  EXPECT_EQ(end_offsets(broker_.brokers(), "loop.in.dlq"), std::vector<std::int64_t>{2});
  EXPECT_FALSE(api_.took("old dead letter"));
  EXPECT_EQ(committed_offsets(broker_.brokers(), group_of("loop.in"), "loop.in.dlq"),
            std::vector<std::int64_t>{-1});
}

TEST_F(Subscription, APatternThatMatchesNothingSaysSoAndWaits) {
  SluiceProcess sluice(config_for("'/^nothing-yet\\..*/'", "nothing-yet.a"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "kafka_error", seconds(20)));
  EXPECT_THAT(state_of(sluice, "p").detail,
              HasSubstr("no topic matches /^nothing-yet\\..*/; create one, or correct the "
                        "pipeline's topics"));
  broker_.create_topic("nothing-yet.a", 1);
  produce_numbered(broker_, "nothing-yet.a", 1, 5);
  EXPECT_TRUE(api_.wait_for_distinct(5, seconds(20)));
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(20)));
}

std::chrono::system_clock::time_point a_moment_from_now() {
  std::this_thread::sleep_for(milliseconds(20));  // records have timestamps of a millisecond
  const auto moment = std::chrono::system_clock::now();
  std::this_thread::sleep_for(milliseconds(20));
  return moment;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds_since_epoch = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds_since_epoch, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::string(text.data()) + "." + fraction + "Z";
}

TEST_F(Subscription, ANewGroupStartsAtTheTimeItIsTold) {
  broker_.create_topic("by-time", 3);
  produce_numbered(broker_, "by-time", 2, 10);
  const auto start = a_moment_from_now();
  // Partition 1 has nothing as late, partition 2 nothing before.
  TopicWriter writer(broker_.brokers(), "by-time");
  for (const std::int32_t partition : {0, 2}) {
    for (std::int64_t number = 10; number < 15; ++number) {
      writer.add(
          {.value = record_value(record_id("by-time", partition, number)), .partition = partition});
    }
  }
  writer.flush();
  {
    SluiceProcess sluice(config_for("by-time", "by-time", ", start: '" + rfc3339(start) + "'"));
    ASSERT_TRUE(api_.wait_for_distinct(10, seconds(20)));
    ASSERT_TRUE(wait_for_commits(broker_, "by-time", seconds(20)));
    sluice.signal(SIGTERM);
    ASSERT_TRUE(sluice.wait(seconds(20)));
  }
  EXPECT_FALSE(api_.took(record_id("by-time", 0, 9)));
  EXPECT_EQ(api_.distinct(), 10U);
  // A group that has offsets goes on where they stand.
  produce_numbered(broker_, "by-time", 3, 1, 20);
  SluiceProcess again(config_for("by-time", "by-time", ", start: '2000-01-01'"));
  ASSERT_TRUE(api_.wait_for_distinct(13, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "by-time", seconds(20)));
  EXPECT_EQ(api_.distinct(), 13U);
}

// Finding out where to begin takes a while with many partitions: what is written meanwhile is later
// than the start time, too.
TEST_F(Subscription, NothingThatComesWhileTheStartIsSettledIsMissed) {
  constexpr std::int32_t kMany = 200;
  broker_.create_topic("settling", kMany);
  TopicWriter writer(broker_.brokers(), "settling");
  SluiceProcess sluice(config_for("settling", "settling", ", start: 2000-01-01"));
  // One after another, from behind, since Sluice asks from the front.
  for (std::int32_t partition = kMany - 1; partition >= 0; --partition) {
    writer.add(
        {.value = record_value(record_id("settling", partition, 0)), .partition = partition});
    writer.flush();
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_TRUE(api_.wait_for_distinct(kMany, seconds(20))) << api_.distinct();
}

TEST_F(Subscription, APatternNeverReadsKafkasOwnTopics) {
  broker_.create_topic("own", 1);
  produce_numbered(broker_, "own", 1, 5);
  SluiceProcess sluice(config_for("'/^(own|__)/'", "own"));
  ASSERT_TRUE(api_.wait_for_distinct(5, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "own", seconds(20)));
  const auto members = group_members(broker_.brokers(), group_of("own"));
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].assignment.size(), 1U);
}

TEST_F(Subscription, ATimeBeforeEveryRecordIsTheBeginning) {
  broker_.create_topic("long-ago", 1);
  produce_numbered(broker_, "long-ago", 1, 10);
  SluiceProcess sluice(config_for("long-ago", "long-ago", ", start: 2000-01-01"));
  EXPECT_TRUE(api_.wait_for_distinct(10, seconds(20)));
}

TEST_F(Subscription, APatternWithAStartGoesForEachTopicThatIsThere) {
  broker_.create_topic("latest.a", 1);
  broker_.create_topic("latest.b", 1);
  produce_numbered(broker_, "latest.a", 1, 10);
  produce_numbered(broker_, "latest.b", 1, 10);
  SluiceProcess sluice(config_for("'/^latest\\./'", "latest.a", ", start: latest"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(20)));
  produce_numbered(broker_, "latest.a", 1, 1, 10);
  produce_numbered(broker_, "latest.b", 1, 1, 10);
  ASSERT_TRUE(api_.wait_for_distinct(2, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "latest.a", seconds(20)));
  EXPECT_EQ(api_.distinct(), 2U);
}

// A topic that was found later and has no offset yet is no reason to start anywhere but at its
// beginning, nor to wait for an empty group.
TEST_F(Subscription, AGroupThatHasAnOffsetIsNotSentToItsStartAgain) {
  broker_.create_topic("grown.a", 1);
  produce_numbered(broker_, "grown.a", 1, 10);
  const std::string config = config_for("'/^grown\\./'", "grown.a", ", start: latest");
  {
    SluiceProcess first(config);
    ASSERT_TRUE(wait_for_state(first, "p", "flowing", seconds(20)));
    produce_numbered(broker_, "grown.a", 1, 1, 10);
    ASSERT_TRUE(wait_for_commits(broker_, "grown.a", seconds(20)));
    broker_.create_topic("grown.b", 2);
    const auto has_both = [&] {
      const auto members = group_members(broker_.brokers(), group_of("grown.a"));
      return members.size() == 1 && members[0].assignment.size() == 3;
    };
    ASSERT_TRUE(eventually(has_both, seconds(20)));
    SluiceProcess second(config);
    EXPECT_TRUE(wait_for_members(broker_.brokers(), group_of("grown.a"), 2, seconds(30)))
        << second.log();
    for (SluiceProcess* sluice : {&first, &second}) {
      sluice->signal(SIGTERM);
      ASSERT_TRUE(sluice->wait(seconds(20)));
    }
  }
  produce_numbered(broker_, "grown.b", 2, 5);
  SluiceProcess again(config);
  EXPECT_TRUE(api_.wait_for_distinct(11, seconds(20))) << "one of grown.a, ten of grown.b";
}

}  // namespace
}  // namespace sluice::test
