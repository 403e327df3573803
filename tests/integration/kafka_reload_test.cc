// Who we are to Kafka, changed while records flow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "integration/checked.h"
#include "integration/load.h"
#include "integration/secured.h"
#include "support/free_port.h"

namespace sluice::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr seconds kSoon(30);
constexpr const char* kToken = "a-token-of-an-admin";
constexpr const char* kExpires = "sluice_kafka_certificate_expires_timestamp_seconds";

std::string login(const std::string& mechanism, const std::string& user,
                  const std::string& password) {
  return "sasl: {mechanism: " + mechanism + ", user: " + user + ", password: " + password + "}";
}

class KafkaReload : public Secured {
 protected:
  void make_empty_topics(const std::string& name) {
    topic_ = name;
    broker().plain().create_topic(topic_, 1);
    broker().plain().create_topic(topic_ + ".dlq", 1);
  }
  std::string as(Listener listener, const std::string& keys) const {
    return through(broker().brokers(listener), keys);
  }
  std::string through(const std::string& brokers, const std::string& keys) const {
    return FlowConfig(broker().plain())
        .through(brokers, keys)
        .admin_token(kToken)
        .target("api", api_.url())
        .pipeline("p", topic_, "batch: {linger: 10ms}", topic_ + ".dlq")
        .yaml();
  }
  static std::string reload(SluiceProcess& sluice, const std::string& yaml, int status) {
    sluice.admin_port();  // it has read the one before
    sluice.write_config(yaml);
    int got = 0;
    std::string said = sluice.post("/-/reload", kToken, &got);
    EXPECT_EQ(got, status) << said;
    return said;
  }
  void expect_records_go_on() { EXPECT_TRUE(api_.wait_for_distinct(api_.distinct() + 100, kSoon)); }
  void expect_all_once(const SluiceProcess& sluice) {
    ASSERT_TRUE(wait_for_commits(broker().plain(), topic_, kSoon)) << sluice.log();
    EXPECT_EQ(reconcile(broker().plain(), topic_, {&api_}, topic_ + ".dlq"), Accounts{});
    EXPECT_EQ(repeats(api_), 0U);
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }
};

TEST_F(KafkaReload, AnotherUserGoesOnWhereTheOneBeforeWas) {
  make_empty_topics("other-user");
  allow_all("alice");
  allow_all("bob");
  SluiceProcess sluice(as(Listener::sasl_plaintext, login("PLAIN", "alice", "alice-secret")));
  Load load(broker().plain(), topic_, 1, 300);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  const std::string said = reload(
      sluice, as(Listener::sasl_plaintext, login("SCRAM-SHA-256", "bob", "bob-secret")), 200);
  EXPECT_THAT(said, HasSubstr("p starts anew: kafka changed"));
  expect_records_go_on();
  load.stop();
  expect_all_once(sluice);
  EXPECT_THAT(sluice.events("partitions_assigned"), SizeIs(2));
}

TEST_F(KafkaReload, AWrongOneIsRefusedAndNothingStopsForIt) {
  make_empty_topics("wrong-user");
  allow_all("alice");
  const std::string good = login("PLAIN", "alice", "alice-secret");
  SluiceProcess sluice(as(Listener::sasl_plaintext, good));
  Load load(broker().plain(), topic_, 1, 300);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();

  const std::string refused = "nothing was changed\nkafka: the brokers refuse the login: ";
  EXPECT_THAT(
      reload(sluice, as(Listener::sasl_plaintext, login("PLAIN", "alice", "wr0ng-secret")), 400),
      testing::AllOf(StartsWith(refused), HasSubstr("; correct mechanism, user and "
                                                    "password of kafka.sasl")));
  EXPECT_THAT(
      reload(sluice, as(Listener::sasl_plaintext, login("SCRAM-SHA-512", "zoe", "wr0ng-secret")),
             400),
      StartsWith(refused));
  EXPECT_THAT(reload(sluice, as(Listener::sasl_ssl, "tls: on, " + good), 400),
              HasSubstr("is signed by nobody we trust"));
  const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
  EXPECT_THAT(reload(sluice, through(nowhere, good), 400), HasSubstr(nowhere));
  expect_records_go_on();

  load.stop();
  expect_all_once(sluice);
  EXPECT_THAT(sluice.events("partitions_assigned"), SizeIs(1));
  EXPECT_THAT(sluice.events("pipeline_stalled"), IsEmpty());
  EXPECT_THAT(sluice.events("configuration_refused"), SizeIs(4));
  EXPECT_THAT(sluice.log(), Not(HasSubstr("wr0ng")));
}

TEST_F(KafkaReload, ARenewedCertificateIsTakenAndItsEndIsShown) {
  make_empty_topics("renewed-certificate");
  allow_all("CN=sluice");
  const std::string cert = file("");
  const std::string key = file("");
  const auto write = [&](const Credentials& client) {
    std::ofstream(cert) << client.cert;
    std::ofstream(key) << client.key;
  };
  const auto expect_end_in = [&](SluiceProcess& sluice, hours left) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const double end = std::chrono::duration<double>(now + left).count();
    EXPECT_NEAR(sluice.metric(kExpires).value_or(0), end, 300);
  };
  const std::string yaml = as(Listener::mutual_tls, "tls: {ca: '" + ca_file() + "', cert: '" +
                                                        cert + "', key: '" + key + "'}");
  write(broker().client_ca().issue("sluice", hours(24)));
  EXPECT_THAT(check(yaml).of("kafka.tls.cert"), ElementsAre(HasSubstr(cert + " is good for ")));
  SluiceProcess sluice(yaml);
  Load load(broker().plain(), topic_, 1, 300);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  expect_end_in(sluice, hours(24));

  write(TestCa().issue("sluice", hours(72)));
  EXPECT_THAT(reload(sluice, yaml, 400), HasSubstr("the brokers refuse our certificate: "));
  expect_end_in(sluice, hours(24));
  write(broker().client_ca().issue("sluice", hours(24 * 30)));
  EXPECT_THAT(reload(sluice, yaml, 200), HasSubstr("p starts anew: kafka changed"));
  expect_end_in(sluice, hours(24 * 30));
  expect_records_go_on();
  load.stop();
  expect_all_once(sluice);
  EXPECT_THAT(check(yaml).of("kafka.tls.cert"), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
