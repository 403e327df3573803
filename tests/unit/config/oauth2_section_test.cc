#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/auth_headers.h"
#include "config/loader.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

using std::chrono::seconds;

constexpr std::string_view kYaml = R"(
kafka: {brokers: [localhost:9092]}
targets:
  secret:
    base_url: https://api.example.com
    auth:
      - type: oauth2
        token_url: https://login.example.com/oauth2/token/
        client_id: sluice
        client_secret: s3cr3t
        client_auth: post
        scope: events.write events.read
        audience: https://api.example.com
        parameters: {resource: "urn:events", tenant: "7"}
        refresh_token: r3fr3sh
        store: tokens/refresh
        timeout: 3s
      - {type: hmac, secret: s3cr3t}
  key:
    base_url: https://api.example.com
    auth:
      type: oauth2
      token_url: http://127.0.0.1:8080
      client_id: sluice
      private_key: s3cr3t
      key_id: k1
      algorithm: ES256
      assertion_audience: https://login.example.com
  plain:
    base_url: http://api.example.com
    tls: {off: true}
    auth: {type: oauth2, token_url: "http://login.example.com", client_id: me, client_secret: x}
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
  const auto config = load_and_compare(kYaml, "/etc/sluice/oauth2.yaml", options);
  if (config) return config->targets.at(target).auth;
  for (const Problem& problem : config.error()) ADD_FAILURE() << problem.text();
  return {};
}

TEST(OAuth2Section, HasItsDefaults) {
  const Auths auths = auths_of("plain");
  ASSERT_EQ(auths.size(), 1U);
  const auto& auth = std::get<OAuth2Auth>(auths[0]);
  EXPECT_EQ(auth.token_url, "http://login.example.com");
  EXPECT_EQ(auth.client_id, "me");
  EXPECT_EQ(auth.client_secret.reveal(), "x");
  EXPECT_EQ(auth.client_auth, ClientAuth::basic);
  EXPECT_TRUE(auth.private_key.empty());
  EXPECT_EQ(auth.assertion.key_id, "");
  EXPECT_EQ(auth.assertion.algorithm, JwtAlgorithm::rs256);
  EXPECT_EQ(auth.assertion.audience, "");
  EXPECT_EQ(auth.scope, "");
  EXPECT_EQ(auth.audience, "");
  EXPECT_TRUE(auth.parameters.empty());
  EXPECT_TRUE(auth.refresh_token.empty());
  EXPECT_EQ(auth.store, "");
  EXPECT_EQ(auth.timeout, seconds(10));
}

TEST(OAuth2Section, HasItsKeysWithASecret) {
  const Auths auths = auths_of("secret");
  ASSERT_EQ(auths.size(), 2U);
  const auto& auth = std::get<OAuth2Auth>(auths[0]);
  EXPECT_EQ(auth.token_url, "https://login.example.com/oauth2/token/");
  EXPECT_EQ(auth.client_id, "sluice");
  EXPECT_EQ(auth.client_secret.reveal(), "s3cr3t");
  EXPECT_EQ(auth.client_auth, ClientAuth::post);
  EXPECT_EQ(auth.scope, "events.write events.read");
  EXPECT_EQ(auth.audience, "https://api.example.com");
  ASSERT_EQ(auth.parameters.size(), 2U);
  EXPECT_EQ(auth.parameters[0], std::pair(std::string("resource"), std::string("urn:events")));
  EXPECT_EQ(auth.parameters[1], std::pair(std::string("tenant"), std::string("7")));
  EXPECT_EQ(auth.refresh_token.reveal(), "r3fr3sh");
  EXPECT_EQ(auth.store, "/etc/sluice/tokens/refresh");
  EXPECT_EQ(auth.timeout, seconds(3));
}

TEST(OAuth2Section, HasItsKeysWithAPrivateKey) {
  const Auths auths = auths_of("key");
  ASSERT_EQ(auths.size(), 1U);
  const auto& auth = std::get<OAuth2Auth>(auths[0]);
  EXPECT_EQ(auth.private_key.reveal(), "s3cr3t");
  EXPECT_EQ(auth.assertion.key_id, "k1");
  EXPECT_EQ(auth.assertion.algorithm, JwtAlgorithm::es256);
  EXPECT_EQ(auth.assertion.audience, "https://login.example.com");
}

TEST(OAuth2Section, SetsTheHeaderOfABearerToken) {
  const Auths auths = auths_of("plain");
  ASSERT_EQ(auths.size(), 1U);
  EXPECT_EQ(auth_headers(auths[0]), std::vector<std::string_view>{"Authorization"});
}

}  // namespace
}  // namespace sluice::config
