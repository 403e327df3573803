// What a target's tenants are read as; what is wrong with them: tests/golden/config_errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "config/loader.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

using testing::ElementsAre;

constexpr std::string_view kRest = R"(
kafka: {brokers: [localhost:9092]}
pipelines:
  p: {topics: [t], group: g, target: api, path: /p, dead_letter: none}
targets:
  api:
    base_url: https://api.example.com
)";

Target read(const std::string& keys) {
  setenv("API_TOKEN", "s3cr3t", 1);
  const auto config =
      load_and_compare(std::string(kRest) + keys, "sluice.yaml", {true, 0x020002ff});
  if (config) return config->targets.at("api");
  ADD_FAILURE() << config.error().front().text();
  return {};
}

TEST(TenantsSectionTest, NoneIsNone) {
  EXPECT_FALSE(read("    tenants: none\n").tenants.has_value());
  EXPECT_FALSE(read("").tenants.has_value());
}

TEST(TenantsSectionTest, ALittleIsEnough) {
  const Target target = read("    tenants: {by: key, of: {acme: {type: bearer, token: a}}}\n");
  ASSERT_TRUE(target.tenants.has_value());
  EXPECT_THAT(target.tenants->by, ElementsAre("key"));
  EXPECT_EQ(target.tenants->unknown, UnknownTenant::park);
  EXPECT_EQ(target.tenants->of.at("acme").auth, (Auths{BearerAuth{Secret("a")}}));
}

TEST(TenantsSectionTest, EachSendsWhatTheTargetSendsAsWell) {
  const Target target = read(R"(
    auth: {type: api_key, name: X-Api-Key, value: shared, overlap: 5m}
    tenants:
      by: ["/account", "header:workspace"]
      unknown: dead_letter
      of:
        acme/ws1: {type: bearer, token: a, overlap: 10m}
        "50%25/a%2Fb":
          - {type: bearer, token: b}
          - {type: hmac, secret: c}
)");
  ASSERT_TRUE(target.tenants.has_value());
  const Tenants& tenants = *target.tenants;
  EXPECT_THAT(tenants.by, ElementsAre("/account", "header:workspace"));
  EXPECT_EQ(tenants.unknown, UnknownTenant::dead_letter);
  ASSERT_EQ(tenants.of.size(), 2U);
  const Auth shared = ApiKeyAuth{"X-Api-Key", ApiKeyPlace::header, Secret("shared")};
  EXPECT_EQ(tenants.of.at("acme/ws1").auth, (Auths{shared, BearerAuth{Secret("a")}}));
  EXPECT_EQ(tenants.of.at("acme/ws1").overlap, std::chrono::minutes(10));
  EXPECT_EQ(tenants.of.at("50%25/a%2Fb").auth.size(), 3U);
  EXPECT_EQ(tenants.of.at("50%25/a%2Fb").overlap, std::chrono::minutes(5));
}

}  // namespace
}  // namespace sluice::config
