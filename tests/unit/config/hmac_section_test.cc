#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/loader.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

constexpr std::string_view kYaml = R"(
kafka: {brokers: [localhost:9092]}
targets:
  signed:
    base_url: https://api.example.com
    auth:
      - {type: bearer, token: s3cr3t}
      - type: hmac
        secret: s3cr3t
        preset: none
        secret_encoding: hex
        algorithm: sha512
        encoding: base64url
        header: X-Sig
        value: "t={timestamp},v1={signature}"
        string_to_sign: "{method} {path}\n{timestamp}\n{body_hash}"
        timestamp: iso8601
        timestamp_header: X-Time
        id_header: X-Id
  webhook:
    base_url: https://api.example.com
    auth: {type: hmac, secret: s3cr3t, preset: standard_webhooks, algorithm: sha256}
  plain:
    base_url: https://api.example.com
    auth: {type: hmac, secret: s3cr3t}
pipelines:
  deposits:
    topics: [events.deposit]
    group: sluice-deposits
    target: plain
    path: /events/deposit
    dead_letter: {topic: events.deposit.dlq}
)";

Auths auths_of(const std::string& target) {
  LoadOptions options;
  options.allow_literal_secrets = true;
  const auto config = load_and_compare(kYaml, "hmac.yaml", options);
  if (config) return config->targets.at(target).auth;
  for (const Problem& problem : config.error()) ADD_FAILURE() << problem.text();
  return {};
}

TEST(HmacSection, HasItsDefaults) {
  const Auths auths = auths_of("plain");
  ASSERT_EQ(auths.size(), 1U);
  const auto& hmac = std::get<HmacAuth>(auths[0]);
  EXPECT_EQ(hmac.secret.reveal(), "s3cr3t");
  EXPECT_EQ(hmac.format.secret_encoding, SecretEncoding::text);
  EXPECT_EQ(hmac.format.algorithm, HmacAlgorithm::sha256);
  EXPECT_EQ(hmac.format.encoding, SignatureEncoding::hex);
  EXPECT_EQ(hmac.format.header, "X-Signature");
  EXPECT_EQ(hmac.format.value, SignatureTemplate::parse_value("{signature}").value());
  EXPECT_EQ(hmac.format.string_to_sign, SignatureTemplate::parse_signed("{body}").value());
  EXPECT_EQ(hmac.format.timestamp, TimestampFormat::seconds);
  EXPECT_EQ(hmac.format.timestamp_header, "");
  EXPECT_EQ(hmac.format.id_header, "");
}

TEST(HmacSection, HasItsListOfCredentials) {
  const Auths auths = auths_of("signed");
  ASSERT_EQ(auths.size(), 2U);
  EXPECT_EQ(std::get<BearerAuth>(auths[0]).token.reveal(), "s3cr3t");
  const auto& hmac = std::get<HmacAuth>(auths[1]);
  EXPECT_EQ(hmac.secret.reveal(), "s3cr3t");
  EXPECT_EQ(hmac.format.secret_encoding, SecretEncoding::hex);
  EXPECT_EQ(hmac.format.algorithm, HmacAlgorithm::sha512);
  EXPECT_EQ(hmac.format.encoding, SignatureEncoding::base64url);
  EXPECT_EQ(hmac.format.header, "X-Sig");
  EXPECT_EQ(hmac.format.value,
            SignatureTemplate::parse_value("t={timestamp},v1={signature}").value());
  EXPECT_EQ(hmac.format.string_to_sign,
            SignatureTemplate::parse_signed("{method} {path}\n{timestamp}\n{body_hash}").value());
  EXPECT_EQ(hmac.format.timestamp, TimestampFormat::iso8601);
  EXPECT_EQ(hmac.format.timestamp_header, "X-Time");
  EXPECT_EQ(hmac.format.id_header, "X-Id");
}

TEST(HmacSection, HasWhatAPresetSays) {
  const Auths auths = auths_of("webhook");
  ASSERT_EQ(auths.size(), 1U);
  const HmacFormat& format = std::get<HmacAuth>(auths[0]).format;
  EXPECT_EQ(format.secret_encoding, SecretEncoding::whsec);
  EXPECT_EQ(format.algorithm, HmacAlgorithm::sha256);
  EXPECT_EQ(format.encoding, SignatureEncoding::base64);
  EXPECT_EQ(format.header, "webhook-signature");
  EXPECT_EQ(format.value, SignatureTemplate::parse_value("v1,{signature}").value());
  EXPECT_EQ(format.string_to_sign,
            SignatureTemplate::parse_signed("{id}.{timestamp}.{body}").value());
  EXPECT_EQ(format.timestamp, TimestampFormat::seconds);
  EXPECT_EQ(format.timestamp_header, "webhook-timestamp");
  EXPECT_EQ(format.id_header, "webhook-id");
}

}  // namespace
}  // namespace sluice::config
