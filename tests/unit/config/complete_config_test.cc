// One file with every key there is but those of hmac, oauth2 and tenants (hmac_section_test.cc,
// oauth2_section_test.cc, tenants_section_test.cc), each away from its default, checked field by
// field.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <string>

#include "config/loader.h"
#include "support/temp_dir.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kComplete = R"(
kafka:
  brokers: [kafka-1:9092, "[::1]:9093"]
  properties: {client.id: sluice, sasl.password: "${env:API_TOKEN}"}
admin: {listen: "[::]:9000", token: "${env:ADMIN_TOKEN}"}
memory: {budget: 1GiB}
log: {level: debug, format: text}
shutdown_timeout: 10s
instance_id: pod-0
targets:
  complete:
    base_url: https://api.example.com:8443/v1/
    auth:
      type: hkdf_hmac
      token: "${env:API_TOKEN}"
      account_id: "0123"
      workspace_id: w-1
      salt: account_workspace
      ikm: token
      info: other
    tls: {min_version: 1.3, off: false, ca: CA, cert: CERT, key: KEY}
    connections: 16
    connect_timeout: 2s
    timeout: 1m
    max_response: 64KiB
    batch_id_header: X-Batch-Id
    proxy: {url: "http://proxy.example.com:3128/", user: me, password: "${env:API_TOKEN}"}
    http_version: 2
    compression: {type: zstd, min_size: 4KiB}
    headers: {X-Region: eu, Content-Type: application/cbor, X-Tenant: "{header:tenant}"}
    health: {path: /health, authenticated: true}
    circuit_breaker:
      failures: 3
      failure_rate: 25%
      window: 10s
      minimum: 10
      open_for: 5s
      max_open_for: 1m
      probes: 2
    rate_limit:
      - {requests: 1000, per: 1s}
      - {requests: 30000, per: 1m, safety: 80%, capacity: 5%, share: none}
      - {records: 5000, per: 1s, share: group, path: "/events/{/kind}"}
      - {bytes: 8MiB, per: 1s, share: 0.5}
    rate_limit_headers: off
    concurrency: {min: 2, max: 64, adaptive: false}
  bearer:
    base_url: https://api.example.com
    auth: {type: bearer, token: "${env:API_TOKEN}"}
  basic:
    base_url: https://api.example.com
    auth: {type: basic, user: me, password: "${env:API_TOKEN}"}
  api_key:
    base_url: https://api.example.com
    auth: {type: api_key, name: "a key", in: query, value: "${env:API_TOKEN}"}
  none:
    base_url: http://api.example.com
    auth: {type: none}
    tls: off
pipelines:
  deposits:
    topics: [events.deposit, events.refund, '/^events\.(deposit|refund)\..*/']
    group: sluice-deposits
    target: complete
    path: "/events/{/kind}"
    method: PUT
    start: 2026-11-25T08:00:00.25+01:00
    workers: 4
    batch: {max_records: 100, max_bytes: 512KiB, linger: 20ms}
    max_record_bytes: 2MiB
    body: ndjson
    order: key
    group_by: [/account_id, key, "header:tenant"]
    weight: 3
    max_unconfirmed_batches: 4
    null_values: skip
    schema: config/schemas/deposit.json
    success: [200, 202-204]
    expect: /accepted
    results: {pointer: /results, id: /id, record_id: /event_id, status: /code, retryable: /again}
    verdicts:
      - {status: 409, verdict: delivered}
      - {status: [400-499, 599], header: {name: X-Error, equals: [limit, quota]}, verdict: throttled}
      - {body: {pointer: /status, equals: 0}, verdict: rejected}
      - {header: {name: x-maintenance}, body: {contains: soon}, verdict: retry}
    retry: {initial: 50ms, max: 5s, multiplier: 1.5, jitter: full, attempts: 4}
    on_exhausted: park
    max_age: 7d
    on_expired: drop
    refusal_guard: {share: 25%, of: 1000}
    dead_letter: {topic: events.deposit.dlq, max_bytes: 2MiB, oversized: park, response_excerpt: 0}
    drain_timeout: 500ms
)";

class CompleteConfig : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("API_TOKEN", "s3cr3t", 1);
    setenv("ADMIN_TOKEN", "0123456789abcdef", 1);
    std::string yaml(kComplete);
    for (const char* name : {"ca", "cert", "key"}) {
      const std::string path = pem_.path().string() + "/" + name + ".pem";
      std::ofstream(path) << "-----BEGIN";
      std::string word = name;
      for (char& c : word) c = static_cast<char>(std::toupper(c));
      yaml.replace(yaml.find(word + (word == "KEY" ? "}" : ",")), word.size(), path);
    }
    auto loaded = load_and_compare(yaml, "complete.yaml", {});
    std::string problems;
    if (!loaded) {
      for (const Problem& problem : loaded.error()) problems += problem.text() + "\n";
    }
    ASSERT_TRUE(loaded) << problems;
    config_ = std::move(*loaded);
  }

  static const Auth& auth(const char* target) { return config_.targets.at(target).auth.at(0); }

  static test::TempDir pem_;
  static Config config_;
};
test::TempDir CompleteConfig::pem_;
Config CompleteConfig::config_;

TEST_F(CompleteConfig, HasItsProcessKeys) {
  EXPECT_EQ(config_.kafka.brokers, (std::vector<std::string>{"kafka-1:9092", "[::1]:9093"}));
  EXPECT_EQ(config_.kafka.properties.size(), 2U);
  EXPECT_EQ(config_.kafka.properties.at("client.id").reveal(), "sluice");
  EXPECT_EQ(config_.kafka.properties.at("sasl.password").reveal(), "s3cr3t");
  EXPECT_EQ(config_.admin.host, "::");
  EXPECT_EQ(config_.admin.port, 9000);
  ASSERT_TRUE(config_.admin.token);
  EXPECT_EQ(config_.admin.token->reveal(), "0123456789abcdef");
  EXPECT_EQ(config_.memory_budget, 1024 * kMiB);
  EXPECT_EQ(config_.log.level, LogLevel::debug);
  EXPECT_EQ(config_.log.format, LogFormat::text);
  EXPECT_EQ(config_.shutdown_timeout, seconds(10));
  EXPECT_EQ(config_.instance_id, "pod-0");
}

TEST_F(CompleteConfig, HasItsTargetKeys) {
  const Target& target = config_.targets.at("complete");
  EXPECT_EQ(target.name, "complete");
  EXPECT_EQ(target.base_url, "https://api.example.com:8443/v1");
  EXPECT_EQ(target.tls.min_version, TlsVersion::v1_3);
  EXPECT_FALSE(target.tls.off);
  EXPECT_EQ(target.connections, 16U);
  EXPECT_EQ(target.connect_timeout, seconds(2));
  EXPECT_EQ(target.timeout, minutes(1));
  EXPECT_EQ(target.max_response, 64 * kKiB);
  EXPECT_EQ(target.batch_id_header, "X-Batch-Id");
  EXPECT_TRUE(config_.targets.at("none").tls.off);
}

TEST_F(CompleteConfig, HasItsConnectionKeys) {
  const Target& target = config_.targets.at("complete");
  EXPECT_EQ(target.tls.ca, pem_.path().string() + "/ca.pem");
  EXPECT_EQ(target.tls.cert, pem_.path().string() + "/cert.pem");
  EXPECT_EQ(target.tls.key, pem_.path().string() + "/key.pem");
  ASSERT_TRUE(target.proxy);
  EXPECT_EQ(target.proxy->url, "http://proxy.example.com:3128");
  EXPECT_EQ(target.proxy->user, "me");
  EXPECT_EQ(target.proxy->password.reveal(), "s3cr3t");
  EXPECT_EQ(target.http_version, HttpVersion::v2);
  EXPECT_EQ(target.compression.type, CompressionType::zstd);
  EXPECT_EQ(target.compression.min_size, 4 * kKiB);
}

TEST_F(CompleteConfig, HasItsHeadersAndItsHealthPath) {
  const Target& target = config_.targets.at("complete");
  ASSERT_EQ(target.headers.size(), 3U);
  EXPECT_EQ(target.headers[0].name, "X-Region");
  EXPECT_EQ(target.headers[0].value, "eu");
  EXPECT_EQ(target.headers[1].name, "Content-Type");
  EXPECT_EQ(target.headers[2].value, "{header:tenant}");
  ASSERT_TRUE(target.health);
  EXPECT_EQ(target.health->path, "/health");
  EXPECT_TRUE(target.health->authenticated);
}

TEST_F(CompleteConfig, HasItsBreakerKeys) {
  const CircuitBreaker& breaker = config_.targets.at("complete").circuit_breaker;
  EXPECT_EQ(breaker.failures, 3U);
  EXPECT_DOUBLE_EQ(breaker.failure_rate, 0.25);
  EXPECT_EQ(breaker.window, seconds(10));
  EXPECT_EQ(breaker.minimum, 10U);
  EXPECT_EQ(breaker.open_for, seconds(5));
  EXPECT_EQ(breaker.max_open_for, minutes(1));
  EXPECT_EQ(breaker.probes, 2U);
}

TEST_F(CompleteConfig, HasItsRateLimits) {
  const auto& limits = config_.targets.at("complete").rate_limit;
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_EQ(limits[0].unit, RateUnit::requests);
  EXPECT_EQ(limits[0].limit, 1000U);
  EXPECT_EQ(limits[0].per, seconds(1));
  EXPECT_DOUBLE_EQ(limits[0].safety, 0.9);
  EXPECT_DOUBLE_EQ(limits[0].capacity, 0.1);
  EXPECT_EQ(limits[1].per, minutes(1));
  EXPECT_DOUBLE_EQ(limits[1].safety, 0.8);
  EXPECT_DOUBLE_EQ(limits[1].capacity, 0.05);
  EXPECT_EQ(limits[2].unit, RateUnit::records);
  EXPECT_EQ(limits[2].limit, 5000U);
  EXPECT_EQ(limits[3].unit, RateUnit::bytes);
  EXPECT_EQ(limits[3].limit, 8 * kMiB);
}

TEST_F(CompleteConfig, SaysWhoseLimitsTheyAre) {
  const auto& limits = config_.targets.at("complete").rate_limit;
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_FALSE(limits[0].share_by_group);
  EXPECT_EQ(limits[0].path, "");
  EXPECT_TRUE(limits[2].share_by_group);
  EXPECT_EQ(limits[2].path, "/events/{/kind}");
  EXPECT_DOUBLE_EQ(limits[2].share, 1);
  EXPECT_FALSE(limits[3].share_by_group);
  EXPECT_DOUBLE_EQ(limits[3].share, 0.5);
}

TEST_F(CompleteConfig, HasItsConcurrencyKeys) {
  const Target& target = config_.targets.at("complete");
  EXPECT_FALSE(target.rate_limit_headers);
  EXPECT_EQ(target.concurrency.min, 2U);
  EXPECT_EQ(target.concurrency.max, 64U);
  EXPECT_FALSE(target.concurrency.adaptive);
}

TEST_F(CompleteConfig, HasItsSignatureKeys) {
  const auto& signature = std::get<HkdfHmacAuth>(auth("complete"));
  EXPECT_EQ(signature.token.reveal(), "s3cr3t");
  EXPECT_EQ(signature.account_id, "0123");
  EXPECT_EQ(signature.workspace_id, "w-1");
  EXPECT_EQ(signature.salt, HkdfInput::account_workspace);
  EXPECT_EQ(signature.ikm, HkdfInput::token);
  EXPECT_EQ(signature.info, "other");
}

TEST_F(CompleteConfig, HasItsOtherCredentials) {
  EXPECT_EQ(std::get<BearerAuth>(auth("bearer")).token.reveal(), "s3cr3t");
  EXPECT_EQ(std::get<BasicAuth>(auth("basic")).user, "me");
  EXPECT_EQ(std::get<BasicAuth>(auth("basic")).password.reveal(), "s3cr3t");
  EXPECT_EQ(std::get<ApiKeyAuth>(auth("api_key")).name, "a key");
  EXPECT_EQ(std::get<ApiKeyAuth>(auth("api_key")).in, ApiKeyPlace::query);
  EXPECT_EQ(std::get<ApiKeyAuth>(auth("api_key")).value.reveal(), "s3cr3t");
  EXPECT_TRUE(config_.targets.at("none").auth.empty());
}

TEST_F(CompleteConfig, HasItsPipelineKeys) {
  const Pipeline& pipeline = config_.pipelines.at(0);
  EXPECT_EQ(pipeline.name, "deposits");
  EXPECT_EQ(pipeline.topics, (std::vector<std::string>{"events.deposit", "events.refund"}));
  EXPECT_EQ(pipeline.group, "sluice-deposits");
  EXPECT_EQ(pipeline.target, "complete");
  EXPECT_EQ(pipeline.patterns, (std::vector<std::string>{"^events\\.(deposit|refund)\\..*"}));
  EXPECT_EQ(pipeline.path, "/events/{/kind}");
  EXPECT_EQ(pipeline.method, "PUT");
  EXPECT_EQ(pipeline.start, Start::time);
  EXPECT_EQ(pipeline.start_time,
            WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 25)) +
                std::chrono::hours(7) + milliseconds(250));
  EXPECT_EQ(pipeline.workers, 4U);
  EXPECT_EQ(pipeline.weight, 3U);
  EXPECT_EQ(pipeline.order, Order::key);
  EXPECT_EQ(pipeline.group_by, (std::vector<std::string>{"/account_id", "key", "header:tenant"}));
  EXPECT_EQ(pipeline.max_unconfirmed_batches, 4U);
  EXPECT_EQ(pipeline.drain_timeout, milliseconds(500));
}

TEST_F(CompleteConfig, HasItsRecordKeys) {
  const Pipeline& pipeline = config_.pipelines.at(0);
  EXPECT_EQ(pipeline.batch.max_records, 100U);
  EXPECT_EQ(pipeline.batch.max_bytes, 512 * kKiB);
  EXPECT_EQ(pipeline.batch.linger, milliseconds(20));
  EXPECT_EQ(pipeline.max_record_bytes, 2 * kMiB);
  EXPECT_EQ(pipeline.body, BodyFormat::ndjson);
  EXPECT_EQ(pipeline.null_values, NullValues::skip);
  EXPECT_EQ(pipeline.schema, "config/schemas/deposit.json");
}

TEST_F(CompleteConfig, HasItsAnswerKeys) {
  const Pipeline& pipeline = config_.pipelines.at(0);
  ASSERT_EQ(pipeline.success.size(), 2U);
  EXPECT_EQ(pipeline.success[0].first, 200);
  EXPECT_EQ(pipeline.success[0].last, 200);
  EXPECT_EQ(pipeline.success[1].first, 202);
  EXPECT_EQ(pipeline.success[1].last, 204);
  EXPECT_EQ(pipeline.expect, "/accepted");
}

TEST_F(CompleteConfig, HasItsFailureKeys) {
  const Pipeline& pipeline = config_.pipelines.at(0);
  EXPECT_EQ(pipeline.retry.initial, milliseconds(50));
  EXPECT_EQ(pipeline.retry.max, seconds(5));
  EXPECT_DOUBLE_EQ(pipeline.retry.multiplier, 1.5);
  EXPECT_EQ(pipeline.retry.attempts, 4U);
  EXPECT_EQ(pipeline.on_exhausted, OnExhausted::park);
  EXPECT_EQ(pipeline.max_age, std::chrono::days(7));
  EXPECT_EQ(pipeline.on_expired, OnExpired::drop);
  ASSERT_TRUE(pipeline.refusal_guard);
  EXPECT_DOUBLE_EQ(pipeline.refusal_guard->share, 0.25);
  EXPECT_EQ(pipeline.refusal_guard->of, 1000U);
  EXPECT_EQ(pipeline.dead_letter->topic, "events.deposit.dlq");
  EXPECT_EQ(pipeline.dead_letter->max_bytes, 2 * kMiB);
  EXPECT_EQ(pipeline.dead_letter->oversized, Oversized::park);
  EXPECT_EQ(pipeline.dead_letter->response_excerpt, 0U);
}

}  // namespace
}  // namespace sluice::config
