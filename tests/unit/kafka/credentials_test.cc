#include "kafka/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "kafka/client_conf.h"
#include "support/temp_dir.h"

namespace sluice::kafka {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

Sasl login(const std::string& mechanism) {
  Sasl sasl;
  sasl.mechanism = mechanism;
  return sasl;
}

// What is left of a T in its own memory once it is gone.
template <class T>
class Remains {
 public:
  explicit Remains(const T& value) { std::destroy_at(new (memory_.data()) T(value)); }
  bool hold(const std::string& text) const {
    return std::search(memory_.begin(), memory_.end(), text.begin(), text.end()) != memory_.end();
  }

 private:
  alignas(T) std::array<char, sizeof(T)> memory_{};
};

Identity identity(const std::string& who, const std::string& mechanism) {
  Identity made;
  made.who = who;
  made.mechanism = mechanism;
  return made;
}

TEST(CredentialsTest, AreWipedWhenTheyGo) {
  Sasl sasl = login("PLAIN");
  sasl.user = "any-user";
  sasl.password = "s3cr3t";
  const Remains<Sasl> of_sasl(sasl);
  EXPECT_TRUE(of_sasl.hold("any-user")) << "short enough to stand in the object itself";
  EXPECT_FALSE(of_sasl.hold("3cr3t"));
  EXPECT_FALSE(Remains<Token>(Token{"s3cr3t", {}}).hold("3cr3t"));
}

TEST(SecurityPropertiesTest, AreNoneWhereNothingIsSaid) {
  EXPECT_TRUE(security_properties({}).empty());
}

TEST(SecurityPropertiesTest, FollowFromTlsAndSasl) {
  ClientOptions options;
  options.tls = TlsFiles{"ca.pem", "cert.pem", "key.pem"};
  EXPECT_THAT(
      security_properties(options),
      UnorderedElementsAre(Pair("security.protocol", "ssl"), Pair("ssl.ca.location", "ca.pem"),
                           Pair("ssl.certificate.location", "cert.pem"),
                           Pair("ssl.key.location", "key.pem")));
  options.tls = TlsFiles{};
  options.sasl = login("SCRAM-SHA-512");
  options.sasl->user = "me";
  options.sasl->password = "s3cr3t";
  EXPECT_THAT(security_properties(options),
              UnorderedElementsAre(Pair("security.protocol", "sasl_ssl"),
                                   Pair("sasl.mechanism", "SCRAM-SHA-512"),
                                   Pair("sasl.username", "me"), Pair("sasl.password", "s3cr3t")));
  options.tls.reset();
  options.sasl = login("OAUTHBEARER");
  EXPECT_THAT(security_properties(options),
              UnorderedElementsAre(Pair("security.protocol", "sasl_plaintext"),
                                   Pair("sasl.mechanism", "OAUTHBEARER")));
}

TEST(SecurityPropertiesTest, ATokenTakesAThreadMore) {
  ClientOptions options;
  options.brokers = {"one:9092"};
  const std::size_t without = threads_of_client(options);
  options.sasl = login("OAUTHBEARER");
  EXPECT_EQ(threads_of_client(options), without + 1);
}

TEST(LibraryWarningsTest, ScramIsNamedBelow2_6_1WhereverItIsSaid) {
  ClientOptions by_section;
  by_section.sasl = login("SCRAM-SHA-256");
  ClientOptions by_property;
  by_property.properties = {{"sasl.mechanism", "SCRAM-SHA-256"}};
  for (const auto& options : {by_section, by_property}) {
    EXPECT_EQ(library_warnings(options).size(),
              library_warnings({}).size() + (can_scram_with_kafka_4() ? 0 : 1));
  }
}

TEST(TryTlsFilesTest, NamesTheFileThatCannotBeUsed) {
  const test::TempDir dir;
  ClientOptions options;
  EXPECT_TRUE(try_tls_files(options).has_value());
  options.tls = TlsFiles{"/no/such/ca.pem", {}, {}};
  const auto tried = try_tls_files(options);
  ASSERT_FALSE(tried.has_value());
  EXPECT_THAT(tried.error().cause, HasSubstr("kafka.tls: cannot use the CA file /no/such/ca.pem"));
}

ConnectionError verify_failed(CertificateFlaw flaw) {
  return {RD_KAFKA_RESP_ERR__SSL,
          "ssl://one:9093/1: SSL handshake failed: certificate verify failed: broker", flaw};
}

TEST(ConnectionTroubleTest, SaysWhatIsWrongWithABrokersCertificate) {
  const auto words = [](CertificateFlaw flaw) {
    return connection_trouble(verify_failed(flaw), {})->error.text();
  };
  EXPECT_EQ(words(CertificateFlaw::expired),
            "the certificate of the broker ssl://one:9093/1 has expired; renew it on the broker");
  EXPECT_THAT(words(CertificateFlaw::other_name),
              HasSubstr("is for another name; name the broker"));
  EXPECT_THAT(words(CertificateFlaw::untrusted),
              HasSubstr("is signed by nobody we trust; set ca of kafka.tls"));
}

TEST(ConnectionTroubleTest, TellsARefusalFromAnOutage) {
  const auto refused = [](rd_kafka_resp_err_t code, const std::string& text) {
    return connection_trouble({code, text}, {})->refused;
  };
  EXPECT_TRUE(refused(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error"));
  EXPECT_TRUE(refused(RD_KAFKA_RESP_ERR__SSL, "sslv3 alert certificate unknown"));
  EXPECT_FALSE(refused(RD_KAFKA_RESP_ERR__TRANSPORT, "Connection refused"));
  EXPECT_FALSE(refused(RD_KAFKA_RESP_ERR__SSL, "certificate verify failed"));
  EXPECT_FALSE(connection_trouble({RD_KAFKA_RESP_ERR__STATE, "no"}, {}).has_value());
}

TEST(ConnectionTroubleTest, AnOldLibrarysScramIsSaidWhereTheLoginFails) {
  const auto trouble = connection_trouble({RD_KAFKA_RESP_ERR__AUTHENTICATION, "no"},
                                          identity("me", "SCRAM-SHA-256"));
  EXPECT_EQ(trouble->error.remedy.find("2.6.1") == std::string::npos, can_scram_with_kafka_4());
}

TEST(MissingRightTest, NamesWhoWhatAndTheRight) {
  const auto right = missing_right(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                   identity("user me", ""), "group g", "join", "Read");
  EXPECT_EQ(right->text(),
            "user me may not join group g (Broker: Group authorization failed); give it the right "
            "Read to group g");
  EXPECT_FALSE(missing_right(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, {}, "topic t", "read", "Read")
                   .has_value());
}

TEST(SeenFlawsTest, AreOfTheBrokerThatTheTextNames) {
  SeenFlaws flaws;
  flaws.note("one:9093", CertificateFlaw::expired);
  const std::string text = ":9093/1: SSL handshake failed: certificate verify failed";
  EXPECT_EQ(flaws.of(RD_KAFKA_RESP_ERR__SSL, "ssl://one" + text), CertificateFlaw::expired);
  EXPECT_EQ(flaws.of(RD_KAFKA_RESP_ERR__SSL, "ssl://two" + text), CertificateFlaw::none);
  EXPECT_EQ(flaws.of(RD_KAFKA_RESP_ERR__SSL,
                     "GroupCoordinator: one:9093: SSL handshake failed: certificate verify failed"),
            CertificateFlaw::expired);
  EXPECT_EQ(flaws.of(RD_KAFKA_RESP_ERR__SSL, "ssl://one:9093/1: reset"), CertificateFlaw::none);
}

}  // namespace
}  // namespace sluice::kafka
