#include "kafka/cluster_probe.h"

#include <gtest/gtest.h>

#include "kafka/cluster_errors.h"
#include "kafka/mock_cluster.h"

namespace sluice::kafka {
namespace {

class ClusterProbeTest : public testing::Test {
 protected:
  // Shared, since librdkafka takes a second to end one.
  static MockCluster& cluster() {
    static const auto started = [] {
      auto made = MockCluster::start().value();
      EXPECT_TRUE(made->create_topic("events", 3).has_value());
      return made;
    }();
    return *started;
  }

  std::unique_ptr<ClusterProbe> probe_ = [] {
    ClientOptions options;
    options.brokers = {cluster().broker()};
    return make_cluster_probe(options).value();
  }();
};

TEST_F(ClusterProbeTest, NamesTheBrokersThatAnswer) {
  const auto facts = probe_->cluster();
  ASSERT_TRUE(facts.has_value()) << facts.error().text();
  EXPECT_FALSE(facts->id.empty());
  ASSERT_EQ(facts->brokers.size(), 1U);
  EXPECT_EQ(facts->brokers[0].address, cluster().broker());
  EXPECT_EQ(facts->brokers[0].trouble, "");
}

TEST_F(ClusterProbeTest, FindsATopicAndItsPartitions) {
  const auto found = probe_->topic("events");
  ASSERT_TRUE(found.has_value()) << found.error().text();
  EXPECT_EQ(found->presence, Presence::found);
  EXPECT_EQ(found->partitions, 3);
  EXPECT_EQ(found->leaderless, 0);
  EXPECT_EQ(probe_->topic_names().value(), std::vector<std::string>{"events"});
}

TEST_F(ClusterProbeTest, KnowsWhereAPartitionBeginsAndEnds) {
  const auto range = probe_->range({"events", 2});
  ASSERT_TRUE(range.has_value()) << range.error().text();
  EXPECT_EQ(range->first, 0);
  EXPECT_EQ(range->end, 0);
}

TEST_F(ClusterProbeTest, ReadingIsProvedByAFetchWhereBrokersDoNotTell) {
  EXPECT_EQ(probe_->read_topic("events"), Access::granted);
}

TEST(ClusterProbeOptionsTest, AWrongPropertyIsNamed) {
  ClientOptions options;
  options.brokers = {"localhost:9092"};
  options.properties = {{"no.such.property", "1"}};
  const auto made = make_cluster_probe(options);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().cause.find("kafka.properties.no.such.property: "), 0U);
}

TEST(WhyNoAnswerTest, TellsTheLoginFromTheRest) {
  const Error error =
      why_no_answer({{RD_KAFKA_RESP_ERR__TRANSPORT, "a: Disconnected"},
                     {RD_KAFKA_RESP_ERR__AUTHENTICATION, "a: SASL authentication error: no"},
                     {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down"}},
                    RD_KAFKA_RESP_ERR__TRANSPORT, {});
  EXPECT_EQ(error.cause, "the brokers refuse the login: a: SASL authentication error: no");
  EXPECT_EQ(error.remedy, "correct mechanism, user and password of kafka.sasl");
}

// The words of librdkafka 2.0 and 2.8.
TEST(WhyNoAnswerTest, KnowsAListenerOfAnotherProtocol) {
  Identity by_properties;
  by_properties.by_properties = true;
  for (const std::string text :
       {"Disconnected: verify that security.protocol is correctly configured",
        "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?",
        "SSL handshake failed: error:0A000126:SSL routines::unexpected eof while reading",
        "SSL handshake failed: error:0A00010B:SSL routines::wrong version number"}) {
    const Error error = why_no_answer({{RD_KAFKA_RESP_ERR__SSL, text}},
                                      RD_KAFKA_RESP_ERR__TIMED_OUT, by_properties);
    EXPECT_EQ(error.cause, "no broker answers as it should: " + text);
    EXPECT_EQ(error.remedy.find("set security.protocol in kafka.properties"), 0U);
  }
}

TEST(WhyNoAnswerTest, TakesTheLatestOfTheMostTelling) {
  const Error error = why_no_answer({{RD_KAFKA_RESP_ERR__RESOLVE, "first"},
                                     {RD_KAFKA_RESP_ERR__RESOLVE, "second"},
                                     {RD_KAFKA_RESP_ERR__TRANSPORT, "third"}},
                                    RD_KAFKA_RESP_ERR__TIMED_OUT, {});
  EXPECT_EQ(error.cause, "no broker answers: second");
}

TEST(WhyNoAnswerTest, SaysWhatTheCallSaidWhereNothingWasReported) {
  EXPECT_EQ(why_no_answer({}, RD_KAFKA_RESP_ERR__TIMED_OUT, {}).cause,
            "no broker answers: Local: Timed out");
  ClientOptions options;
  options.brokers = {"a:9092", "b:9093"};
  EXPECT_EQ(why_no_answer({}, RD_KAFKA_RESP_ERR__TIMED_OUT, identity_of(options)).cause,
            "no broker answers: a:9092, b:9093: Local: Timed out");
}

TEST(SettledTextTest, LeavesOutWhatDiffersFromOneAttemptToTheNext) {
  EXPECT_EQ(settled_text("b: Connect failed: Connection refused (after 3ms in state CONNECT, 2 "
                         "identical error(s) suppressed)"),
            "b: Connect failed: Connection refused");
  EXPECT_EQ(settled_text("b: no"), "b: no");
  EXPECT_EQ(
      settled_text("b: ApiVersionRequest failed: Local: Broker transport failure: probably due "
                   "to broker version < 0.10 (see api.version.request configuration) (after "
                   "1ms in state APIVERSION_QUERY)"),
      "b: ApiVersionRequest failed: Local: Broker transport failure");
}

}  // namespace
}  // namespace sluice::kafka
