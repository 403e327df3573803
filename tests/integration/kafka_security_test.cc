// Who we are to Kafka: each mechanism through a pipeline, and what happens when it is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "integration/checked.h"
#include "integration/secured.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto kTopic = KafkaBroker::Resource::topic;
constexpr auto kDescribe = KafkaBroker::Operation::describe;

std::string password_login(const std::string& mechanism, const std::string& password,
                           const std::string& user = "alice") {
  return "sasl: {mechanism: " + mechanism + ", user: " + user + ", password: " + password + "}";
}

// A server that gives tokens of user "carol", or whatever it is told to answer.
class TokenServer {
 public:
  explicit TokenServer(seconds valid_for = seconds(3600)) : valid_for_(valid_for) {}

  void refuse(bool on) { refuses_ = on; }
  std::string login() const {
    return "sasl: {mechanism: OAUTHBEARER, token_endpoint: '" + server_.url() +
           "/token', client_id: sluice, client_secret: s3cr3t-of-client, scope: 'kafka read', "
           "extensions: {logicalCluster: one}}";
  }
  const ScriptedServer& server() const { return server_; }

 private:
  Reply answer() const {
    if (refuses_) return {.status = 401, .body = R"({"error":"invalid_client"})"};
    return {.body = R"({"access_token":")" + unsecured_token("carol", seconds(3600)) +
                    R"(","token_type":"Bearer","expires_in":)" +
                    std::to_string(valid_for_.count()) + "}"};
  }

  const seconds valid_for_;
  std::atomic<bool> refuses_ = false;
  ScriptedServer server_{[this](const SeenRequest&) { return answer(); }};
};

class KafkaSecurity : public Secured {
 protected:
  static std::string tls() { return "tls: {ca: '" + ca_file() + "'}"; }
  static std::string tls_with(const Credentials& client) {
    return "tls: {ca: '" + ca_file() + "', cert: '" + file(client.cert) + "', key: '" +
           file(client.key) + "'}";
  }
  void expect_a_pipeline_works(const std::string& user, Listener listener,
                               const std::string& keys) {
    allow_all(user);
    const std::string yaml = config(listener, keys);
    const Checked checked = check(yaml);
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    SluiceProcess sluice(yaml);
    expect_all_flows(sluice);
    EXPECT_THAT(sluice.log(), Not(HasSubstr("alice-secret")));
  }
  // Of a client that cannot log in: one line, which `check` says as well.
  void expect_one_line(SluiceProcess& sluice, const std::string& yaml, const std::string& begins,
                       const std::string& remedy) {
    std::this_thread::sleep_for(seconds(2));  // librdkafka tries twice a second
    // That none answers, and why; once more where the first comes before the reason is known.
    EXPECT_THAT(sluice.events("kafka_error"), SizeIs(testing::Le(3U))) << sluice.log();
    EXPECT_THAT(sluice.events("pipeline_stalled"),
                Contains(testing::AllOf(HasSubstr(begins), HasSubstr(remedy))));
    const Checked checked = check(yaml);
    EXPECT_EQ(checked.code, 1);
    EXPECT_THAT(checked.of("kafka"),
                ElementsAre(testing::AllOf(StartsWith("FAIL " + begins), HasSubstr(remedy))));
  }
};

TEST_F(KafkaSecurity, PlainInClearToThisMachine) {
  make_topics("plain-clear");
  expect_a_pipeline_works("alice", Listener::sasl_plaintext,
                          password_login("PLAIN", "alice-secret"));
}

TEST_F(KafkaSecurity, PlainWithTls) {
  make_topics("plain-tls");
  expect_a_pipeline_works("alice", Listener::sasl_ssl,
                          tls() + ", " + password_login("PLAIN", "alice-secret"));
}

TEST_F(KafkaSecurity, Scram256InClear) {
  make_topics("scram-256");
  expect_a_pipeline_works("alice", Listener::sasl_plaintext,
                          password_login("SCRAM-SHA-256", "alice-secret"));
}

TEST_F(KafkaSecurity, Scram512WithTls) {
  make_topics("scram-512");
  expect_a_pipeline_works("alice", Listener::sasl_ssl,
                          tls() + ", " + password_login("SCRAM-SHA-512", "alice-secret"));
}

TEST_F(KafkaSecurity, ClientCertificates) {
  make_topics("mutual");
  expect_a_pipeline_works("CN=sluice", Listener::mutual_tls,
                          tls_with(broker().client_ca().issue("sluice")));
}

TEST_F(KafkaSecurity, TlsAlone) {
  make_topics("tls");
  expect_a_pipeline_works("nobody", Listener::renewed, tls());
}

TEST_F(KafkaSecurity, TokensAreAskedForAndRenewed) {
  make_topics("tokens");
  const TokenServer tokens(seconds(5));
  allow_all("carol");
  const std::string yaml = config(Listener::sasl_ssl, tls() + ", " + tokens.login());
  SluiceProcess sluice(yaml);
  expect_all_flows(sluice);
  const SeenRequest request = tokens.server().requests().front();
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=kafka%20read");
  EXPECT_THAT(*request.header("authorization"), StartsWith("Basic "));
  // The consumer and the producer of dead letters each, and each again before five seconds are
  // over.
  EXPECT_TRUE(tokens.server().wait_for_requests(4, seconds(10)));
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  EXPECT_THAT(sluice.log(), Not(HasSubstr("s3cr3t-of-client")));
  EXPECT_THAT(sluice.log(), Not(HasSubstr("eyJ")));  // what every token begins with
  const Checked checked = check(yaml);
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
}

TEST_F(KafkaSecurity, AWrongPasswordParksUntilItIsRight) {
  make_topics("wrong-password");
  allow_all("bob");
  const std::string yaml =
      config(Listener::sasl_plaintext, password_login("SCRAM-SHA-256", "new-secret", "bob"));
  SluiceProcess sluice(yaml);
  expect_park(sluice, "kafka_error",
              {"the brokers refuse the login: ",
               "correct mechanism, user and password of "
               "kafka.sasl"});
  expect_one_line(sluice, yaml, "the brokers refuse the login: ",
                  "correct mechanism, user and password of kafka.sasl");
  EXPECT_THAT(sluice.log(), Not(HasSubstr("new-secret")));
  broker().set_password("bob", "new-secret");
  expect_all_flows(sluice);
}

TEST_F(KafkaSecurity, ATokenServerThatRefusesParks) {
  make_topics("no-token");
  allow_all("carol");
  TokenServer tokens;
  tokens.refuse(true);
  const std::string yaml = config(Listener::sasl_ssl, tls() + ", " + tokens.login());
  SluiceProcess sluice(yaml);
  const std::string begins = "there is no token to log in with: the token endpoint " +
                             tokens.server().url() + "/token answers 401 (invalid_client)";
  expect_park(sluice, "kafka_error", {begins});
  expect_one_line(sluice, yaml, begins, "correct token_endpoint, client_id, client_secret");
  tokens.refuse(false);
  expect_all_flows(sluice);
}

TEST_F(KafkaSecurity, RightsThatAreMissingAreNamedOneByOne) {
  make_topics("rights");
  SluiceProcess sluice(config(Listener::sasl_plaintext, password_login("PLAIN", "alice-secret")));
  expect_park(sluice, "kafka_error",
              {"user alice may not join group rights-group", "give it the right Read to group"});
  allow_joining("alice");
  const std::vector<std::string> not_read = {"user alice may not read topic rights (",
                                             "give it the right Read to topic rights"};
  expect_park(sluice, "kafka_error", not_read);
  EXPECT_TRUE(sluice.events("partitions_assigned").empty());
  broker().plain().allow("alice", kDescribe, kTopic, topic_);
  ASSERT_TRUE(sluice.wait_for_event("partitions_assigned", seconds(20)));
  expect_park(sluice, "kafka_error", not_read);
  allow_reading("alice");
  expect_park(sluice, "dead_letter_unwritable",
              {"user alice may not write to topic rights.dlq (", "give it the right Write"});
  allow_dead_letters("alice");
  expect_all_flows(sluice);
  EXPECT_THAT(sluice.events("kafka_error"), SizeIs(testing::Le(6U))) << sluice.log();
}

TEST_F(KafkaSecurity, ABrokersCertificateThatIsNotGoodParksUntilItIs) {
  make_topics("certificates");
  allow_all("nobody");
  const std::string yaml = config(Listener::renewed, tls());
  broker().present(broker().ca().issue("127.0.0.1", seconds(-60)));
  SluiceProcess sluice(yaml);
  const std::string begins =
      "the certificate of the broker ssl://" + broker().brokers(Listener::renewed) + "/bootstrap ";
  expect_park(sluice, "broker_unreachable", {begins + "has expired; renew it"});
  expect_one_line(sluice, yaml, begins + "has expired", "renew it on the broker");
  broker().present(broker().ca().issue("127.0.0.1"));
  expect_all_flows(sluice);
}

// A process that runs says it, too, but not before librdkafka repeats itself: after 30 s.
TEST_F(KafkaSecurity, ABrokersCertificateIsJudgedByItsNameAndItsCa) {
  topic_ = "judged";
  const std::string yaml = config(Listener::renewed, tls());
  const std::string begins = "FAIL the certificate of the broker ssl://" +
                             broker().brokers(Listener::renewed) + "/bootstrap ";
  broker().present(broker().ca().issue("other.example.com"));
  EXPECT_THAT(check(yaml).of("kafka"),
              ElementsAre(StartsWith(begins + "is for another name; name the broker")));
  // Of those who read topics without a group, too.
  for (const auto& command :
       {std::vector<std::string>{"explain", "--partition", "0", "--offset", "0"},
        {"dlq", "list"}}) {
    const Checked asked = run_sluice(yaml, command);
    EXPECT_EQ(asked.code, 1) << asked.err;
    EXPECT_THAT(asked.err, HasSubstr(begins.substr(5) + "is for another name; name the broker"));
  }
  broker().present(TestCa().issue("127.0.0.1"));
  EXPECT_THAT(
      check(yaml).of("kafka"),
      ElementsAre(StartsWith(begins + "is signed by nobody we trust; set ca of kafka.tls")));
  broker().present(broker().ca().issue("127.0.0.1"));
}

TEST_F(KafkaSecurity, AClientCertificateThatIsRefusedParks) {
  make_topics("refused");
  for (const bool shown : {true, false}) {
    const std::string yaml =
        config(Listener::mutual_tls, shown ? tls_with(TestCa().issue("sluice")) : tls());
    SluiceProcess sluice(yaml);
    const std::string remedy =
        shown ? "renew cert and key of kafka.tls" : "set cert and key of kafka.tls";
    expect_park(sluice, "kafka_error", {"the brokers refuse our certificate: ", remedy});
    expect_one_line(sluice, yaml, "the brokers refuse our certificate: ", remedy);
  }
}

TEST_F(KafkaSecurity, FilesThatCannotBeUsedAreNamedAtTheStart) {
  topic_ = "files";
  const Credentials expired = broker().client_ca().issue("sluice", seconds(-60));
  const std::string cert = file(expired.cert);
  const std::string key = file(expired.key);
  const auto run = [&](const std::string& keys) {
    return run_sluice(config(Listener::mutual_tls, keys), {"run", "--allow-literal-secrets"});
  };
  const Checked old = run("tls: {cert: '" + cert + "', key: '" + key + "'}");
  EXPECT_EQ(old.code, 2);
  EXPECT_THAT(old.err, HasSubstr("kafka.tls.cert: the client certificate " + cert +
                                 " has expired; renew it"));
  const Checked mixed = run("tls: {cert: '" + ca_file() + "', key: '" + key + "'}");
  EXPECT_EQ(mixed.code, 2);
  EXPECT_THAT(mixed.err, HasSubstr("kafka.tls: cannot use the client certificate " + ca_file() +
                                   " with the key " + key));
  const std::string no_ca = file("-----BEGIN CERTIFICATE-----\nno\n");
  const Checked cut = run("tls: {ca: '" + no_ca + "'}");
  EXPECT_EQ(cut.code, 2);
  EXPECT_THAT(cut.err, HasSubstr("kafka.tls: cannot use the CA file " + no_ca));
}

}  // namespace
}  // namespace sluice::test
