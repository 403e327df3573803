// kafka.tls and kafka.sasl, field by field; their mistakes are golden files.
#include <gtest/gtest.h>

#include <string>

#include "config/loader.h"
#include "unit/config/schema_agreement.h"
#include "unit/config/scratch_dir.h"

namespace sluice::config {
namespace {

// What the section kafka says besides its brokers.
Kafka kafka_of(const std::string& keys, const std::string& broker = "localhost:9092") {
  LoadOptions options;
  options.allow_literal_secrets = true;
  const auto config = load_and_compare("kafka: {brokers: ['" + broker + "'], " + keys + R"(}
targets:
  api: {base_url: https://api.example.com}
pipelines:
  deposits:
    topics: [events.deposit]
    group: sluice-deposits
    target: api
    path: /events/deposit
    dead_letter: {topic: events.deposit.dlq}
)",
                                       "kafka.yaml", options);
  if (config) return config->kafka;
  for (const Problem& problem : config.error()) ADD_FAILURE() << problem.text();
  return {};
}

TEST(KafkaTlsSection, IsOffWhereNothingIsSaid) {
  const Kafka kafka = kafka_of("properties: {}");
  EXPECT_FALSE(kafka.tls.on);
  EXPECT_FALSE(kafka.tls.off);
  EXPECT_FALSE(kafka.sasl.has_value());
}

TEST(KafkaTlsSection, IsOnWithTheSystemsCasOrWithFiles) {
  EXPECT_TRUE(kafka_of("tls: on").tls.on);
  EXPECT_TRUE(kafka_of("tls: {}").tls.on);
  const ScratchDir dir;
  const std::string pem = dir.write("a.pem", "pem");
  const KafkaTls tls =
      kafka_of("tls: {ca: '" + pem + "', cert: '" + pem + "', key: '" + pem + "'}").tls;
  EXPECT_TRUE(tls.on);
  EXPECT_EQ(tls.ca, pem);
  EXPECT_EQ(tls.cert, pem);
  EXPECT_EQ(tls.key, pem);
}

TEST(KafkaSaslSection, HasAPasswordForEachMechanismButOne) {
  for (const auto& [name, mechanism] : {std::pair("PLAIN", SaslMechanism::plain),
                                        {"SCRAM-SHA-256", SaslMechanism::scram_sha_256},
                                        {"SCRAM-SHA-512", SaslMechanism::scram_sha_512}}) {
    const auto sasl =
        kafka_of(std::string("sasl: {mechanism: ") + name + ", user: me, password: s3cr3t}").sasl;
    ASSERT_TRUE(sasl.has_value());
    EXPECT_EQ(sasl->mechanism, mechanism);
    EXPECT_EQ(sasl->user, "me");
    EXPECT_EQ(sasl->password.reveal(), "s3cr3t");
  }
}

TEST(KafkaSaslSection, AsksForTokens) {
  const ScratchDir dir;
  const std::string pem = dir.write("a.pem", "pem");
  const auto sasl = kafka_of(
                        "tls: on, sasl: {mechanism: OAUTHBEARER, token_endpoint: "
                        "'https://login.example.com/t', client_id: me, client_secret: s3cr3t, "
                        "scope: a b, extensions: {logicalCluster: lkc-1}, ca: '" +
                            pem + "'}",
                        "kafka.example.com:9093")
                        .sasl;
  ASSERT_TRUE(sasl.has_value());
  EXPECT_EQ(sasl->mechanism, SaslMechanism::oauthbearer);
  EXPECT_EQ(sasl->token_endpoint, "https://login.example.com/t");
  EXPECT_EQ(sasl->client_id, "me");
  EXPECT_EQ(sasl->client_secret.reveal(), "s3cr3t");
  EXPECT_EQ(sasl->scope, "a b");
  EXPECT_EQ(sasl->extensions, (std::map<std::string, std::string>{{"logicalCluster", "lkc-1"}}));
  EXPECT_EQ(sasl->ca, pem);
}

// SCRAM shows no password to who listens.
TEST(KafkaSaslSection, GoesInClearWhereNothingCanBeSeenOrItIsSaidAloud) {
  const std::string login = "user: me, password: s3cr3t}";
  EXPECT_TRUE(kafka_of("sasl: {mechanism: PLAIN, " + login, "[::1]:9092").sasl.has_value());
  EXPECT_TRUE(
      kafka_of("tls: off, sasl: {mechanism: PLAIN, " + login, "kafka.example.com:1").tls.off);
  EXPECT_TRUE(kafka_of("sasl: {mechanism: SCRAM-SHA-512, " + login, "kafka.example.com:1")
                  .sasl.has_value());
}

}  // namespace
}  // namespace sluice::config
