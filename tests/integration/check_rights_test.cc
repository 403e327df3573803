// `sluice check` against a broker that asks who we are and lets not everybody do everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "integration/checked.h"
#include "integration/flow.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Whether this librdkafka can ask what we may do.
const bool kAsksForRights = rd_kafka_version() >= 0x020300ff;

constexpr auto kTopic = KafkaBroker::Resource::topic;
constexpr auto kGroup = KafkaBroker::Resource::group;
constexpr auto kRead = KafkaBroker::Operation::read;
constexpr auto kWrite = KafkaBroker::Operation::write;
constexpr auto kDescribe = KafkaBroker::Operation::describe;

// The pipeline "p" of user alice reads "t" in "t-group", with dead letters to "t.dlq"; bob's is
// the same.
class CheckRights : public testing::Test {
 protected:
  static KafkaBroker& broker() {
    static KafkaBroker made(
        {}, {{"alice", "alice-secret"}, {"bob", "bob-secret"}, {"eve", "eve-secret"}});
    static const bool ready = [] {
      made.create_topic("t", 1);
      made.create_topic("t.dlq", 1);
      commit_offsets(made.brokers(), "t-group", "t", {0});
      made.allow("alice", kRead, kTopic, "t");
      made.allow("alice", kWrite, kTopic, "t.dlq");
      made.allow("alice", kRead, kGroup, "t-group");
      made.allow("bob", kDescribe, kTopic, "t");
      made.allow("bob", kDescribe, kTopic, "t.dlq");
      made.allow("bob", kDescribe, kGroup, "t-group");
      return true;
    }();
    EXPECT_TRUE(ready);
    return made;
  }

  static Checked check_as(const std::string& user, const std::string& password) {
    std::string yaml = FlowConfig(broker())
                           .kafka(
                               "security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, "
                               "sasl.username: " +
                               user + ", sasl.password: " + password)
                           .target("api", api().url())
                           .pipeline("p", "t", "", "t.dlq")
                           .yaml();
    yaml.replace(yaml.find(broker().brokers()), broker().brokers().size(), broker().sasl_brokers());
    return check(yaml);
  }

  static ScriptedServer& api() {
    static ScriptedServer server([](const SeenRequest&) { return Reply{}; });
    return server;
  }

  static std::string allow(const std::string& user, const std::string& what) {
    return "allow it: kafka-acls --bootstrap-server " + broker().sasl_brokers() +
           " --add --allow-principal User:" + user + " --operation " + what;
  }
};

TEST_F(CheckRights, TheRightsThatAPipelineNeedsAreEnough) {
  const Checked checked = check_as("alice", "alice-secret");
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_THAT(checked.of("pipelines.p.topics"), ElementsAre("ok topic t: 1 partition, readable"));
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"), ElementsAre("ok topic t.dlq: 1 partition"));
  EXPECT_THAT(checked.of("pipelines.p.group"), ElementsAre(StartsWith("ok group t-group: Empty")));
  EXPECT_THAT(checked.of("kafka"),
              kAsksForRights ? testing::Matcher<const std::vector<std::string>&>(
                                   Not(Contains(StartsWith("warn"))))
                             : Contains(StartsWith("warn nobody says whether user alice may write "
                                                   "to t.dlq, join group t-group: ")));
}

TEST_F(CheckRights, WhoMayOnlyLookMayNotReadWriteOrJoin) {
  const Checked checked = check_as("bob", "bob-secret");
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(
      checked.of("pipelines.p.topics"),
      ElementsAre("FAIL topic t: user bob may not read it; " + allow("bob", "Read --topic t")));
  if (!kAsksForRights) return;
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
              ElementsAre("FAIL topic t.dlq: user bob may not write to it; " +
                          allow("bob", "Write --topic t.dlq")));
  EXPECT_THAT(checked.of("pipelines.p.group"),
              ElementsAre("FAIL group t-group: user bob may not join it; " +
                          allow("bob", "Read --group t-group")));
}

TEST_F(CheckRights, WhoHasNoRightsIsToldWhichAreMissing) {
  const Checked checked = check_as("eve", "eve-secret");
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.of("pipelines.p.topics"),
              ElementsAre("FAIL topic t: unknown, or user eve may not see it; create it, or " +
                          allow("eve", "Read --topic t")));
  EXPECT_THAT(checked.of("pipelines.p.dead_letter"),
              ElementsAre("FAIL topic t.dlq: unknown, or user eve may not see it; create it, or " +
                          allow("eve", "Write --topic t.dlq")));
  EXPECT_THAT(checked.of("pipelines.p.group"),
              ElementsAre("FAIL group t-group: user eve may not join it; " +
                          allow("eve", "Read --group t-group")));
}

TEST_F(CheckRights, ARefusedLoginSaysSoAndShowsNoPassword) {
  const Checked checked = check_as("alice", "wrong-secret");
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(
      checked.of("kafka"),
      ElementsAre("FAIL the brokers refuse the login: sasl_plaintext://" + broker().sasl_brokers() +
                  "/bootstrap: SASL authentication error: Authentication failed: Invalid "
                  "username or password; correct sasl.mechanism, sasl.username and "
                  "sasl.password in kafka.properties"));
  EXPECT_THAT(checked.of("pipelines.p.topics"), testing::IsEmpty());
  EXPECT_THAT(checked.out + checked.err, Not(HasSubstr("wrong-secret")));
}

TEST_F(CheckRights, AListenerOfAnotherProtocolSaysSo) {
  for (const bool tls : {false, true}) {
    FlowConfig config(broker());
    if (tls) config.kafka("security.protocol: ssl");
    std::string yaml = config.target("api", api().url()).pipeline("p", "t").yaml();
    if (!tls) {
      yaml.replace(yaml.find(broker().brokers()), broker().brokers().size(),
                   broker().sasl_brokers());
    }
    const Checked checked = check(yaml);
    EXPECT_EQ(checked.code, 1);
    const auto lines = checked.of("kafka");
    ASSERT_EQ(lines.size(), 1U) << checked.out;
    EXPECT_THAT(lines[0], StartsWith("FAIL no broker answers as it should: "));
    EXPECT_THAT(lines[0], HasSubstr(tls ? "; set security.protocol in kafka.properties to what the "
                                          "listener of that port speaks"
                                        : "; let kafka.tls and kafka.sasl say what the listener "
                                          "of that port speaks"));
  }
}

}  // namespace
}  // namespace sluice::test
