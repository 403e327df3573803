#include "check/kafka_check.h"

#include <gmock/gmock.h>

#include "kafka/options.h"
#include "unit/check/fake_cluster.h"
#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using kafka::Access;
using kafka::Presence;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

// One pipeline, "p": topic "events", group "g", dead letters to "dead"; all of it is there.
class KafkaCheckTest : public testing::Test {
 protected:
  KafkaCheckTest() {
    config_.kafka.brokers = {"one:9092"};
    config_.kafka.properties["sasl.username"] = config::Secret("alice");
    pipeline_.name = "p";
    pipeline_.topics = {"events"};
    pipeline_.group = "g";
    pipeline_.dead_letter.emplace().topic = "dead";
    pipeline_.target = "api";
    config_.targets["api"].name = "api";
    cluster_.add_topic("events", 3);
    cluster_.add_topic("dead", 1);
  }

  const std::vector<std::string>& check() {
    config_.pipelines = {pipeline_};
    partitions_ = check_kafka(config_, cluster_, findings_.report());
    return findings_.lines();
  }

  config::Config config_;
  config::Pipeline pipeline_;
  FakeCluster cluster_;
  Findings findings_;
  PartitionMap partitions_;
};

TEST_F(KafkaCheckTest, SaysWhatItFoundWhereAllHolds) {
  EXPECT_THAT(check(), ElementsAre("ok kafka: 1 broker answers (one:9092), Kafka cluster id the-id",
                                   "ok pipelines.p.topics: topic events: 3 partitions, readable",
                                   "ok pipelines.p.dead_letter: topic dead: 1 partition",
                                   "ok pipelines.p.group: group g: new, starts at earliest"));
  EXPECT_EQ(partitions_["p"].size(), 3U);
}

TEST_F(KafkaCheckTest, AsksNothingMoreWhereNoBrokerAnswers) {
  cluster_.facts = fail("no broker answers: refused", "start it");
  EXPECT_THAT(check(), ElementsAre("FAIL kafka: no broker answers: refused; start it"));
}

TEST_F(KafkaCheckTest, NamesTheBrokersThatCannotBeReachedUnderTheirOwnNames) {
  cluster_.facts->brokers.push_back({"two:9092", "no such host"});
  EXPECT_THAT(check(), Contains("FAIL kafka: the cluster sends us to two:9092, where no broker "
                                "answers: no such host; let this machine reach that address, or "
                                "correct advertised.listeners of the broker"));
}

TEST_F(KafkaCheckTest, FailsForATopicThatIsMissing) {
  pipeline_.topics.push_back("gone");
  const auto& lines = check();
  EXPECT_THAT(lines, Contains("FAIL pipelines.p.topics: topic gone: unknown; create it, or correct "
                              "pipelines.p.topics"));
  EXPECT_THAT(lines, Contains("ok pipelines.p.topics: topic events: 3 partitions, readable"));
}

TEST_F(KafkaCheckTest, FailsForATopicThatIsHiddenOrNotReadable) {
  cluster_.topics["events"].presence = Presence::hidden;
  cluster_.add_topic("closed", 1);
  cluster_.reads["closed"] = Access::denied;
  pipeline_.topics.push_back("closed");
  const auto& lines = check();
  EXPECT_THAT(lines,
              Contains("FAIL pipelines.p.topics: topic events: unknown, or user alice may not see "
                       "it; create it, or allow it: kafka-acls --bootstrap-server one:9092 --add "
                       "--allow-principal User:alice --operation Read --topic events"));
  EXPECT_THAT(lines,
              Contains("FAIL pipelines.p.topics: topic closed: user alice may not read it; allow "
                       "it: kafka-acls --bootstrap-server one:9092 --add --allow-principal "
                       "User:alice --operation Read --topic closed"));
}

TEST_F(KafkaCheckTest, FailsForPartitionsWithoutALeader) {
  cluster_.topics["events"].leaderless = 2;
  EXPECT_THAT(check(), Contains("FAIL pipelines.p.topics: topic events: 2 partitions without a "
                                "leader; see to the brokers that hold them"));
}

TEST_F(KafkaCheckTest, APatternMatchesTopicsButNoDeadLetterTopics) {
  pipeline_.topics.clear();
  pipeline_.patterns = {"^events", "^dead$", "^de.*"};
  cluster_.add_topic("events.more", 2);
  cluster_.add_topic("deposits", 1);
  const auto& lines = check();
  EXPECT_THAT(lines, Contains("ok pipelines.p.topics: 3 topics (deposits, events, events.more): 6 "
                              "partitions, readable"));
  EXPECT_THAT(lines, Contains("FAIL pipelines.p.topics: pattern /^dead$/: matches no topic that "
                              "user alice can see; dead-letter topics do not count; create one, or "
                              "correct pipelines.p.topics"));
}

TEST_F(KafkaCheckTest, WarnsOfWorkersThatCannotHaveAPartition) {
  pipeline_.workers = 4;
  EXPECT_THAT(check(), Contains("warn pipelines.p.workers: 4 workers, but partitions for 3 of them "
                                "only: the others are idle; lower pipelines.p.workers to 3, or add "
                                "partitions to the topics"));
}

TEST_F(KafkaCheckTest, OnlyTheRangeAssignorGivesTwoTopicsToTheSameWorkers) {
  cluster_.add_topic("more", 3);
  pipeline_.topics.push_back("more");
  pipeline_.workers = 6;
  EXPECT_THAT(check(), Contains(StartsWith("warn pipelines.p.workers: ")));
  Findings others;
  config_.kafka.properties["partition.assignment.strategy"] = config::Secret("roundrobin");
  check_kafka(config_, cluster_, others.report());
  EXPECT_THAT(others.lines(), Not(Contains(StartsWith("warn"))));
}

TEST_F(KafkaCheckTest, FailsWithoutADeadLetterTopicAndSaysHowToCreateIt) {
  cluster_.topics.erase("dead");
  EXPECT_THAT(check(),
              Contains("FAIL pipelines.p.dead_letter: topic dead: unknown, so that no refused "
                       "record could be set aside; create it: kafka-topics --bootstrap-server "
                       "one:9092 --create --topic dead"));
}

TEST_F(KafkaCheckTest, FailsForADeadLetterTopicThatIsNotWritable) {
  cluster_.writes["dead"] = Access::denied;
  EXPECT_THAT(check(), Contains("FAIL pipelines.p.dead_letter: topic dead: user alice may not "
                                "write to it; allow it: kafka-acls --bootstrap-server one:9092 "
                                "--add --allow-principal User:alice --operation Write --topic "
                                "dead"));
}

TEST_F(KafkaCheckTest, NeedsNoDeadLetterTopicWhereThereIsNone) {
  pipeline_.dead_letter.reset();
  cluster_.topics.erase("dead");
  EXPECT_THAT(check(), Not(Contains(StartsWith("FAIL"))));
}

TEST_F(KafkaCheckTest, WarnsOfADeadLetterTopicForSmallerRecords) {
  cluster_.settings["dead"] = kafka::TopicSettings{1000, false};
  EXPECT_THAT(
      check(),
      Contains("warn pipelines.p.dead_letter: topic dead: takes messages of 1000B at most, but "
               "max_bytes is 1MiB: larger dead letters are handled as oversized; kafka-configs "
               "--bootstrap-server one:9092 --alter --entity-type topics --entity-name dead "
               "--add-config max.message.bytes=1048576, or lower "
               "pipelines.p.dead_letter.max_bytes"));
}

TEST_F(KafkaCheckTest, WarnsOfADeadLetterTopicThatForgetsLetters) {
  cluster_.settings["dead"] = kafka::TopicSettings{1048588, true};
  const auto& lines = check();
  EXPECT_THAT(
      lines,
      Contains("warn pipelines.p.dead_letter: topic dead: is compacted: of the letters of one key "
               "it keeps the last, takes none without a key, and forgets what was replayed; "
               "kafka-configs --bootstrap-server one:9092 --alter --entity-type topics "
               "--entity-name dead --add-config cleanup.policy=delete"));
  EXPECT_THAT(lines, Not(Contains(StartsWith("ok pipelines.p.dead_letter"))));
}

TEST_F(KafkaCheckTest, WarnsOfABrokerThatWouldRefuseTheMetadataOfCommits) {
  cluster_.facts->brokers = {{"one:9092", "", 4096}, {"two:9092", "", 4095}};
  EXPECT_THAT(check(), Not(Contains(StartsWith("warn")))) << "there is nothing to be said in it";
  pipeline_.order = config::Order::key;
  Findings ahead;
  config_.pipelines = {pipeline_};
  check_kafka(config_, cluster_, ahead.report());
  EXPECT_THAT(ahead.lines(), Contains("warn kafka: broker two:9092: offset.metadata.max.bytes is "
                                      "4095, but commits of pipelines.p may have 4096 bytes of "
                                      "metadata: it would refuse those; set "
                                      "offset.metadata.max.bytes=4096 in the properties of each "
                                      "broker, and restart it"));
  EXPECT_THAT(ahead.lines(), Not(Contains(StartsWith("warn kafka: broker one:9092"))));
}

TEST_F(KafkaCheckTest, SettingsThatMayNotBeReadAreNamedAndNoFault) {
  cluster_.settings["dead"] = std::nullopt;
  pipeline_.order = config::Order::none;
  const auto& lines = check();
  EXPECT_EQ(lines.back(),
            "ok kafka: user alice is not told the settings of broker one:9092, topic dead, which "
            "are not checked: the right DescribeConfigs would do");
  EXPECT_THAT(lines, Contains("ok pipelines.p.dead_letter: topic dead: 1 partition"));
  EXPECT_THAT(lines, Not(Contains(StartsWith("warn"))));
}

TEST_F(KafkaCheckTest, FailsForAGroupThatMayNotBeJoined) {
  cluster_.joins["g"] = Access::denied;
  const std::string line =
      "FAIL pipelines.p.group: group g: user alice may not join it; allow it: kafka-acls "
      "--bootstrap-server one:9092 --add --allow-principal User:alice --operation Read --group g";
  EXPECT_THAT(check(), Contains(line));
  Findings hidden;
  cluster_.joins.clear();
  cluster_.groups["g"].presence = Presence::hidden;
  check_kafka(config_, cluster_, hidden.report());
  EXPECT_THAT(hidden.lines(), Contains(line));
}

TEST_F(KafkaCheckTest, SaysHowFarTheGroupIs) {
  cluster_.groups["g"] = {
      Presence::found, "Stable", 2, {}, {{{"events", 0}, 5}, {{"events", 2}, 0}}};
  cluster_.ranges[{"events", 0}] = {2, 15};
  cluster_.ranges[{"events", 2}] = {0, 1};
  EXPECT_THAT(check(), Contains("ok pipelines.p.group: group g: Stable, 2 members, offsets of 2 of "
                                "3 partitions, 11 records behind"));
}

TEST_F(KafkaCheckTest, FailsForAnOffsetThatIsNotInTheTopic) {
  cluster_.groups["g"] = {
      Presence::found, "Empty", 0, {}, {{{"events", 0}, 5}, {{"events", 1}, 9}}};
  cluster_.ranges[{"events", 0}] = {6, 15};
  cluster_.ranges[{"events", 1}] = {0, 8};
  EXPECT_THAT(check(),
              Contains("FAIL pipelines.p.group: group g: committed offsets are out of range "
                       "(events/0 at 5, not in 6 to 15, events/1 at 9, not in 0 to 8): records "
                       "were deleted before they were read, or the topic was made anew; stop the "
                       "group and say where it goes on: kafka-consumer-groups --bootstrap-server "
                       "one:9092 --group g --topic events --reset-offsets --to-earliest "
                       "--execute"));
}

TEST_F(KafkaCheckTest, WarnsOfAStaticMemberOfTheSameId) {
  config_.instance_id = "node-1";
  pipeline_.workers = 2;
  cluster_.groups["g"] = {Presence::found, "Stable", 1, {"node-1-p-1"}, {}};
  EXPECT_THAT(check(), Contains("warn instance_id: group g: has a member node-1-p-1 already, which "
                                "another of the same id would throw out; give each replica an "
                                "instance_id of its own; if that member is this replica, all is "
                                "well"));
}

TEST_F(KafkaCheckTest, SaysOnceWhatOnlyTryingWouldTell) {
  cluster_.writes["dead"] = Access::unknown;
  cluster_.joins["g"] = Access::unknown;
  const auto& lines = check();
  EXPECT_EQ(lines.back(),
            "warn kafka: nobody says whether user alice may write to dead, join "
            "group g: librdkafka asks from 2.3 on (this is " +
                kafka::library_version_text() +
                ") and brokers answer from 2.3 on; where rights are given out, see "
                "kafka-acls --bootstrap-server one:9092 --list --principal "
                "User:alice");
  EXPECT_THAT(lines, Not(Contains(StartsWith("FAIL"))));
}

TEST_F(KafkaCheckTest, NamesATopicThatTwoPipelinesShareOnce) {
  cluster_.writes["dead"] = Access::unknown;
  cluster_.settings["dead"] = std::nullopt;
  config::Pipeline other = pipeline_;
  other.name = "q";
  other.group = "h";
  config_.pipelines = {pipeline_, other};
  check_kafka(config_, cluster_, findings_.report());
  EXPECT_THAT(findings_.lines(), Contains(StartsWith("warn kafka: nobody says whether user alice "
                                                     "may write to dead: librdkafka asks")));
  EXPECT_THAT(findings_.lines(), Contains(StartsWith("ok kafka: user alice is not told the "
                                                     "settings of topic dead, which")));
}

}  // namespace
}  // namespace sluice::check
