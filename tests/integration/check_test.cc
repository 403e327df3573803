// `sluice check` against a real broker: what it finds, that it says what to do, and that it leaves
// nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "integration/checked.h"
#include "integration/flow.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Reply healthy(const SeenRequest&) { return {}; }

// The pipeline "p" reads `topic_` into an API in good health, dead letters go to `dead_`.
class Check : public testing::Test {
 protected:
  void SetUp() override {
    topic_ = std::string("check-") + testing::UnitTest::GetInstance()->current_test_info()->name();
    dead_ = topic_ + ".dlq";
  }

  void create_topics() const {
    broker_.create_topic(topic_, 3);
    broker_.create_topic(dead_, 1);
  }

  std::string config(const std::string& keys = "") const {
    return FlowConfig(broker_)
        .target("api", api_.url(), "health: {path: /health}")
        .pipeline("p", topic_, keys, dead_)
        .yaml();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  ScriptedServer api_{healthy};
  std::string topic_;
  std::string dead_;
};

TEST_F(Check, SaysWhatItFindsWhereAllHolds) {
  create_topics();
  const Checked checked = check(config());
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.err, "");
  EXPECT_THAT(checked.of("configuration"), ElementsAre("ok 1 pipeline to 1 target"));
  EXPECT_THAT(checked.of("kafka"), Contains("ok 1 broker answers (" + broker_.brokers() +
                                            "), Kafka cluster id c2x1aWNlLXRlc3RzLTAwMQ"));
  EXPECT_THAT(checked.of("pipelines.p.topics"),
              ElementsAre("ok topic " + topic_ + ": 3 partitions, readable"));
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
              ElementsAre("ok topic " + dead_ + ": 1 partition"));
  EXPECT_THAT(checked.of("pipelines.p.group"),
              ElementsAre("ok group " + group_of(topic_) + ": new, starts at earliest"));
  EXPECT_THAT(checked.of("memory.budget"), ElementsAre(StartsWith("ok 256MiB for 1 worker")));
  EXPECT_THAT(checked.of("targets.api.auth"), ElementsAre("ok no credentials are sent"));
  EXPECT_THAT(checked.of("targets.api"),
              ElementsAre("ok " + api_.url().substr(7) + " answers, without TLS"));
  EXPECT_THAT(checked.of("targets.api.health"), ElementsAre("ok GET /health answers 200"));
  EXPECT_THAT(checked.out, HasSubstr("\nAll checks hold: "));
}

TEST_F(Check, LeavesNothingBehind) {
  create_topics();
  produce_numbered(broker_, topic_, 3, 2);
  ASSERT_EQ(check(config()).code, 0);
  EXPECT_THAT(group_members(broker_.brokers(), group_of(topic_)), IsEmpty());
  EXPECT_THAT(committed_offsets(broker_.brokers(), group_of(topic_), topic_),
              ElementsAre(-1, -1, -1));
  EXPECT_THAT(end_offsets(broker_.brokers(), dead_), ElementsAre(0));
  EXPECT_THAT(end_offsets(broker_.brokers(), topic_), ElementsAre(2, 2, 2));
}

TEST_F(Check, FailsWithoutItsTopicsAndCreatesNone) {
  for (int times = 0; times < 2; ++times) {
    const Checked checked = check(config());
    EXPECT_EQ(checked.code, 1);
    EXPECT_THAT(checked.of("pipelines.p.topics"),
                ElementsAre("FAIL topic " + topic_ +
                            ": unknown; create it, or correct pipelines.p.topics"));
    EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
                ElementsAre("FAIL topic " + dead_ +
                            ": unknown, so that no refused record could be set aside; create it: "
                            "kafka-topics --bootstrap-server " +
                            broker_.brokers() + " --create --topic " + dead_));
    EXPECT_THAT(checked.out, HasSubstr("\nNot ready: "));
  }
}

TEST_F(Check, APatternThatMatchesNothingFails) {
  create_topics();
  broker_.create_topic("matched." + topic_, 2);
  const std::string two = "'/^matched\\." + topic_ + "$/', '/^" + dead_ + "/'";
  std::string yaml = config();
  yaml.replace(yaml.find("topics: ["), std::string("topics: [" + topic_ + "]").size(),
               "topics: [" + two + "]");
  const Checked checked = check(yaml);
  EXPECT_EQ(checked.code, 1) << checked.out << checked.err;
  EXPECT_THAT(checked.of("pipelines.p.topics"),
              ElementsAre("FAIL pattern /^" + dead_ +
                              "/: matches no topic that this client can see; dead-letter topics do "
                              "not count; create one, or correct pipelines.p.topics",
                          "ok topic matched." + topic_ + ": 2 partitions, readable"));
}

TEST_F(Check, WarningsDoNotFail) {
  broker_.create_topic(topic_, 3);
  broker_.create_topic(dead_, 1, {{"max.message.bytes", "100000"}});
  const Checked checked = check(config("workers: 5"));
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.of("pipelines.p.workers"),
              ElementsAre(StartsWith("warn 5 workers, but partitions for 3 of them only")));
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
              ElementsAre(StartsWith("warn topic " + dead_ +
                                     ": takes messages of 100000B at most, "
                                     "but max_bytes is 1MiB")));
}

TEST_F(Check, ADeadLetterTopicThatIsCompactedIsWarnedOf) {
  broker_.create_topic(topic_, 1);
  for (const std::string policy : {"compact", "compact,delete"}) {
    dead_ = topic_ + "." + std::to_string(policy.size());
    broker_.create_topic(dead_, 1, {{"cleanup.policy", policy}});
    const Checked checked = check(config());
    EXPECT_EQ(checked.code, 0) << checked.out;
    EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
                ElementsAre(StartsWith("warn topic " + dead_ + ": is compacted: ")));
  }
}

// Its user may do what a pipeline does, and read no settings.
class CheckOfSmallCommits : public Check {
 protected:
  static KafkaBroker& small() {
    static KafkaBroker made({{"offset.metadata.max.bytes", "1000"}}, {{"carol", "carol-secret"}});
    return made;
  }
  std::string config_of(const std::string& order) const {
    return FlowConfig(small())
        .target("api", api_.url())
        .pipeline("p", topic_, "order: " + order, dead_)
        .yaml();
  }
};

TEST_F(CheckOfSmallCommits, ABrokerThatWouldRefuseTheirMetadataIsWarnedOf) {
  small().create_topic(topic_, 1);
  small().create_topic(dead_, 1);
  const auto warning =
      StartsWith("warn broker " + small().brokers() +
                 ": offset.metadata.max.bytes is 1000, but commits of pipelines.p may have 4096");
  const Checked checked = check(config_of("key"));
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.of("kafka"), Contains(warning));
  EXPECT_THAT(check(config_of("partition")).of("kafka"), Not(Contains(warning)));
}

TEST_F(CheckOfSmallCommits, ABrokerThatShowsNoSettingsIsNoFault) {
  small().create_topic(topic_, 1);
  small().create_topic(dead_, 1);
  small().allow("carol", KafkaBroker::Operation::read, KafkaBroker::Resource::topic, topic_);
  small().allow("carol", KafkaBroker::Operation::write, KafkaBroker::Resource::topic, dead_);
  small().allow("carol", KafkaBroker::Operation::read, KafkaBroker::Resource::group,
                group_of(topic_));
  std::string yaml = FlowConfig(small())
                         .kafka(
                             "security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, "
                             "sasl.username: carol, sasl.password: carol-secret")
                         .target("api", api_.url())
                         .pipeline("p", topic_, "order: key", dead_)
                         .yaml();
  yaml.replace(yaml.find(small().brokers()), small().brokers().size(), small().sasl_brokers());
  const Checked checked = check(yaml);
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_THAT(
      checked.of("kafka"),
      Contains("ok user carol is not told the settings of broker " + small().sasl_brokers() +
               ", topic " + dead_ + ", which are not checked: the right DescribeConfigs would do"));
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
              ElementsAre("ok topic " + dead_ + ": 1 partition"));
}

TEST_F(Check, KnowsHowFarAGroupIsAndWhenItsOffsetIsGone) {
  create_topics();
  produce_numbered(broker_, topic_, 3, 10);
  commit_offsets(broker_.brokers(), group_of(topic_), topic_, {4, 10, 0});
  EXPECT_THAT(check(config()).of("pipelines.p.group"),
              ElementsAre("ok group " + group_of(topic_) +
                          ": Empty, 0 members, offsets of 3 of 3 partitions, 16 records behind"));

  broker_.delete_records(topic_, 0, 6);
  const Checked checked = check(config());
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.of("pipelines.p.group"),
              ElementsAre("FAIL group " + group_of(topic_) +
                          ": committed offsets are out of range (" + topic_ +
                          "/0 at 4, not in 6 to 10): records were deleted before they were read, "
                          "or the topic was made anew; stop the group and say where it goes on: "
                          "kafka-consumer-groups --bootstrap-server " +
                          broker_.brokers() + " --group " + group_of(topic_) + " --topic " +
                          topic_ + " --reset-offsets --to-earliest --execute"));
}

TEST_F(Check, SeesARunningMemberAndTheStaticIdItHolds) {
  create_topics();
  const std::string yaml = "instance_id: node-1\n" + config();
  SluiceProcess sluice(yaml);
  ASSERT_TRUE(wait_for_members(broker_.brokers(), group_of(topic_), 1, std::chrono::seconds(30)))
      << sluice.log();
  const Checked checked = check(yaml);
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.of("pipelines.p.group"),
              ElementsAre(StartsWith("ok group " + group_of(topic_) + ": Stable, 1 member, ")));
  EXPECT_THAT(checked.of("instance_id"), ElementsAre(HasSubstr("has a member node-1-p-0 already")));
  EXPECT_TRUE(sluice.running());
}

TEST_F(Check, ARunningServiceIsNotDisturbed) {
  create_topics();
  SluiceProcess sluice(config());
  ASSERT_TRUE(wait_for_members(broker_.brokers(), group_of(topic_), 1, std::chrono::seconds(30)))
      << sluice.log();
  const auto before = sluice.events("partitions_assigned").size();
  ASSERT_EQ(check(config()).code, 0);
  produce_numbered(broker_, topic_, 3, 2);
  EXPECT_TRUE(wait_for_commits(broker_, topic_, std::chrono::seconds(20))) << sluice.log();
  EXPECT_EQ(sluice.events("partitions_assigned").size(), before) << sluice.log();
}

TEST_F(Check, JsonHoldsTheSameFindings) {
  broker_.create_topic(topic_, 3);
  const Checked checked = check(config(), {"--json"});
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(checked.err, "");
  rapidjson::Document document;
  document.Parse(checked.out.data(), checked.out.size());
  ASSERT_FALSE(document.HasParseError()) << checked.out;
  EXPECT_THAT(document["file"].GetString(), HasSubstr("sluice.yaml"));
  EXPECT_FALSE(document["ok"].GetBool());
  std::vector<std::string> failed;
  for (const auto& one : document["checks"].GetArray()) {
    EXPECT_GE(one["milliseconds"].GetInt(), 0);
    if (std::string("FAIL") == one["status"].GetString()) {
      failed.emplace_back(one["subject"].GetString());
    }
  }
  EXPECT_THAT(failed, ElementsAre("pipelines.p.dead_letter"));
}

TEST_F(Check, JsonHoldsTheProblemsOfTheFile) {
  const Checked checked = check(config() + "nonsense: 1\n", {"--json"});
  EXPECT_EQ(checked.code, 2);
  rapidjson::Document document;
  document.Parse(checked.out.data(), checked.out.size());
  ASSERT_FALSE(document.HasParseError()) << checked.out;
  ASSERT_EQ(document["checks"].Size(), 1U);
  EXPECT_THAT(document["checks"][0]["subject"].GetString(), HasSubstr("sluice.yaml:8:1"));
  EXPECT_THAT(document["checks"][0]["detail"].GetString(), HasSubstr("nonsense: unknown key"));
}

TEST_F(Check, OfflineAsksNobody) {
  api_.stop();
  std::string yaml = config("schema: " SLUICE_SOURCE_DIR "/no-such-schema.json");
  const std::string down = "127.0.0.1:1";
  yaml.replace(yaml.find(broker_.brokers()), broker_.brokers().size(), down);
  Checked checked = check(yaml, {"--offline"});
  EXPECT_EQ(checked.code, 2);
  EXPECT_THAT(checked.err, HasSubstr("pipelines.p.schema: "));

  yaml.replace(yaml.find(", schema: "), yaml.rfind('}') - yaml.find(", schema: "), "");
  checked = check(yaml, {"--offline"});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_THAT(checked.of("kafka"), IsEmpty());
  EXPECT_THAT(checked.of("targets.api"), IsEmpty());
  EXPECT_THAT(checked.of("targets.api.auth"), ElementsAre("ok no credentials are sent"));
  EXPECT_THAT(checked.of("memory.budget"), ElementsAre(StartsWith("ok ")));
}

}  // namespace
}  // namespace sluice::test
