#include "explain/explainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "batch/batch_id.h"
#include "codec/compressor.h"
#include "explain/document.h"
#include "explain/text.h"
#include "unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPath = ", path: /orders, dead_letter: {topic: orders.dlq}";

class ExplainerTest : public Explaining {};

TEST_F(ExplainerTest, TheBatchIsWhatTheLimitsMakeOfTheRecordsBehind) {
  configure("", std::string(kPath) + ", batch: {max_records: 3}");
  EXPECT_TRUE(add(10, "1"));
  EXPECT_TRUE(add(12, "2"));
  EXPECT_FALSE(add(13, "3")) << "full";
  const Explanation all = explain();
  EXPECT_EQ(all.record->judged.fate, Fate::sent);
  EXPECT_EQ(all.batch->records, 3U);
  EXPECT_EQ(all.batch->first_offset, 10);
  EXPECT_EQ(all.batch->last_offset, 13);
  EXPECT_EQ(all.batch->closed_by, CloseReason::count);
  EXPECT_EQ(all.request->body, "[1,2,3]");
  EXPECT_EQ(all.request->bytes, 7U);
}

TEST_F(ExplainerTest, WhatIsThereNowIsABatchAfterItsLinger) {
  configure("", kPath);
  add(10, "1");
  const Explanation all = explain();
  EXPECT_EQ(all.batch->closed_by, CloseReason::linger);
  EXPECT_EQ(all.request->body, "[1]");
}

TEST_F(ExplainerTest, ABadRecordBehindIsNotInTheBatch) {
  configure("", kPath);
  add(10, "1");
  EXPECT_TRUE(add(11, "not json"));
  add(12, "2");
  EXPECT_EQ(explain().request->body, "[1,2]");
}

TEST_F(ExplainerTest, RecordsOfOtherGroupsArePassedOver) {
  configure("", ", path: '/of/{key}', dead_letter: none, batch: {max_records: 2}");
  EXPECT_TRUE(add(1, "1", "a"));
  EXPECT_TRUE(add(2, "2", "b"));
  EXPECT_TRUE(add(3, "3", "b")) << "a full batch of another group";
  EXPECT_FALSE(add(4, "4", "a"));
  const Explanation all = explain();
  EXPECT_EQ(all.request->body, "[1,4]");
  EXPECT_EQ(all.request->url, "https://api.example.com/of/a");
}

TEST_F(ExplainerTest, GroupsThatNeverFillEndAfterSoManyRecords) {
  configure("", ", path: '/of/{key}', dead_letter: none");
  add(1, "1", "a");
  std::uint64_t more = 0;
  while (add(static_cast<std::int64_t>(2 + more), "2", "b")) ++more;
  EXPECT_EQ(more + 2, FirstBatch::kMostRecords);
  EXPECT_EQ(explain().request->body, "[1]");
}

TEST_F(ExplainerTest, TheRequestIsTheOneOfARun) {
  configure(", auth: {type: bearer, token: very-secret-token}, headers: {X-Of: '{topic}'}", kPath);
  add(10, R"({"a":1})");
  const Explanation all = explain();
  const ShownRequest& request = *all.request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example.com/orders");
  EXPECT_EQ(header(request, "Content-Type"), "application/json");
  EXPECT_EQ(header(request, "X-Of"), "orders");
  EXPECT_EQ(header(request, "authorization"), kMasked);
  EXPECT_EQ(header(request, "Idempotency-Key"), request.batch_id);
  batch::MemoryMeter meter;
  batch::Batch batch(codec::BodyFormat::json_array, meter);
  batch.body().append(R"({"a":1})");
  test::TestRecord record{10, R"({"a":1})", {}, {}};
  batch.keep(record.view(), 0);
  EXPECT_EQ(request.batch_id, batch::batch_id("orders", 3, batch, {0, 1}));
}

TEST_F(ExplainerTest, WhatIsNoSecretOfTheSignerIsShown) {
  configure(
      ", auth: {type: hkdf_hmac, token: very-secret-token, account_id: acc1, workspace_id: ws2}",
      kPath);
  add(10, "1");
  const auto request = *explain().request;
  EXPECT_EQ(header(request, "x-optikpi-token"), kMasked);
  EXPECT_EQ(header(request, "x-hmac-signature"), kMasked);
  EXPECT_EQ(header(request, "x-optikpi-account-id"), "acc1");
  EXPECT_EQ(header(request, "x-hmac-algorithm"), "sha256");
}

TEST_F(ExplainerTest, SecretsOfTheQueryAreMasked) {
  configure(", auth: {type: api_key, in: query, name: key, value: very-secret-token}", kPath);
  add(10, "1");
  EXPECT_EQ(explain().request->url, "https://api.example.com/orders?key=***");
}

TEST_F(ExplainerTest, ATokenThatHasToBeFetchedIsNot) {
  configure(
      ", auth: {type: oauth2, token_url: 'https://id.example.com/t', client_id: c, "
      "client_secret: very-secret}",
      kPath);
  add(10, "1");
  EXPECT_EQ(header(*explain().request, "authorization"), kMasked);
}

TEST_F(ExplainerTest, ACompressedBodyIsShownAsItWasBefore) {
  configure(", compression: {type: gzip, min_size: 0B}", kPath);
  add(10, "\"" + std::string(500, 'x') + "\"");
  const auto request = *explain().request;
  EXPECT_EQ(request.body, "[\"" + std::string(500, 'x') + "\"]");
  std::string packed;
  codec::Compressor::create(codec::Compression::gzip)->compress(request.body, packed);
  EXPECT_EQ(request.bytes, packed.size());
  EXPECT_EQ(request.encoding, "gzip");
}

TEST_F(ExplainerTest, ABudgetCutsTheBatch) {
  configure(", rate_limit: [{records: 20, per: 1s, safety: 100%, capacity: 10%}]", kPath);
  for (int i = 0; i < 5; ++i) add(i, std::to_string(i));
  const Explanation all = explain();
  EXPECT_EQ(all.largest.records, 2U);
  EXPECT_EQ(all.batch->records, 5U);
  EXPECT_EQ(all.request->records, 2U);
  EXPECT_EQ(all.request->body, "[0,1]");
}

TEST_F(ExplainerTest, SaysWhyARecordWouldNotBeSent) {
  configure("", std::string(kPath) + ", max_record_bytes: 10B");
  EXPECT_EQ(judged("{").reason, DeadLetterReason::not_json);
  EXPECT_EQ(judged(R"("0123456789")").reason, DeadLetterReason::too_large);
  EXPECT_EQ(judged("").reason, DeadLetterReason::null_value);
  EXPECT_EQ(judged("").fate, Fate::dead_lettered);
  EXPECT_EQ(judged("1").fate, Fate::sent);
  begin();
  add(7, "{");
  const Explanation all = explain();
  EXPECT_FALSE(all.request);
  EXPECT_FALSE(all.batch);
}

TEST_F(ExplainerTest, APolicyThatLeavesItOutIsNamed) {
  configure("", std::string(kPath) + ", null_values: skip");
  EXPECT_EQ(judged("").fate, Fate::dropped);
  EXPECT_EQ(judged("").detail, "null_values: skip");
}

TEST_F(ExplainerTest, WithoutADeadLetterTopicItStandsStill) {
  configure("", ", path: /orders, dead_letter: none");
  EXPECT_EQ(judged("{").fate, Fate::stands_still);
  EXPECT_EQ(judged("{").reason, DeadLetterReason::not_json);
}

TEST_F(ExplainerTest, TheSchemaNamesTheRule) {
  configure("",
            std::string(kPath) + ", schema: " + SLUICE_SOURCE_DIR + "/config/schemas/deposit.json");
  const Judged broken = judged(R"({"amount":-1})");
  EXPECT_EQ(broken.reason, DeadLetterReason::schema);
  EXPECT_NE(broken.detail, "");
  begin();
  add(7, R"({"amount":-1})");
  EXPECT_THAT(text_of(explain(), kShownBody, clock_.wall_now()),
              AllOf(HasSubstr("goes to orders.dlq as schema"), HasSubstr("deposit.json is broken"),
                    HasSubstr(broken.detail.substr(0, 20))));
}

TEST_F(ExplainerTest, ARecordThatHasExpired) {
  configure("", std::string(kPath) + ", max_age: 1h");
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.wall_now());
  const std::int64_t old = (now.time_since_epoch() - std::chrono::hours(2)).count();
  add(7, "1", std::nullopt, old);
  add(8, "2", std::nullopt, now.time_since_epoch().count());
  const Explanation all = explain();
  EXPECT_EQ(all.record->judged.reason, DeadLetterReason::expired);
  EXPECT_FALSE(all.request);
  begin();
  add(8, "2", std::nullopt, now.time_since_epoch().count());
  add(9, "3", std::nullopt, old);
  EXPECT_EQ(explain().request->body, "[2]");
}

constexpr const char* kTenants =
    ", tenants: {by: [/account], of: {a: {type: bearer, token: very-secret-token}}}";

TEST_F(ExplainerTest, ATenantSignsItsOwnRecords) {
  configure(kTenants, kPath);
  add(7, R"({"account":"a"})");
  const Explanation all = explain();
  EXPECT_EQ(all.batch->tenant, "a");
  EXPECT_EQ(header(*all.request, "authorization"), kMasked);
}

TEST_F(ExplainerTest, ATenantThatIsNotKnownStandsStill) {
  configure(kTenants, kPath);
  const Judged stands = judged(R"({"account":"b"})");
  EXPECT_EQ(stands.fate, Fate::stands_still);
  EXPECT_THAT(stands.detail, HasSubstr("tenant b is not in targets.api.tenants"));
  config_.targets.at("api").tenants->unknown = config::UnknownTenant::dead_letter;
  EXPECT_EQ(judged(R"({"account":"b"})").reason, DeadLetterReason::unroutable);
}

TEST_F(ExplainerTest, WithoutARecordOneTenantIsAnExample) {
  configure(
      ", tenants: {by: [/account], of: {a: {type: bearer, token: very-secret-token}, b: {type: "
      "api_key, name: X-Key, value: very-secret-key}}}",
      kPath);
  const Explanation of_any = explain();
  EXPECT_EQ(of_any.request->example_of, "a");
  EXPECT_THAT(text_of(of_any, kShownBody, clock_.wall_now()),
              AllOf(HasSubstr("A request of tenant a, as an example"), Not(HasSubstr("Each"))));
  EXPECT_THAT(document_of(of_any, kShownBody, clock_.wall_now()),
              HasSubstr(R"("example_of_tenant":"a")"));
  begin();
  add(7, R"({"account":"b"})");
  const Explanation of_record = explain();
  EXPECT_EQ(of_record.request->example_of, std::nullopt);
  EXPECT_EQ(header(*of_record.request, "X-Key"), kMasked);
  configure("", kPath);
  EXPECT_THAT(text_of(explain(), kShownBody, clock_.wall_now()), HasSubstr("Each request"));
}

// Every kind of credential, with what it refers to away.
TEST_F(ExplainerTest, NoSecretHasToBeThere) {
  no_secrets_ = true;
  for (const auto& [auth, masked] : std::map<std::string, std::string>{
           {"type: bearer, token: '${env:NOT_SET}'", "authorization"},
           {"type: basic, user: bob, password: '${file:/not/there}'", "authorization"},
           {"type: api_key, name: X-Key, value: '${env:NOT_SET}'", "X-Key"},
           {"type: hkdf_hmac, token: '${env:NOT_SET}', account_id: a1, workspace_id: w2",
            "x-hmac-signature"},
           {"type: hmac, secret: '${env:NOT_SET}'", "X-Signature"},
           {"type: hmac, secret: '${env:NOT_SET}', secret_encoding: hex", "X-Signature"},
           {"type: hmac, secret: '${env:NOT_SET}', secret_encoding: base64", "X-Signature"},
           {"type: hmac, secret: '${env:NOT_SET}', preset: standard_webhooks", "webhook-signature"},
           {"type: oauth2, token_url: 'https://id.example.com/t', client_id: c, client_secret: "
            "'${env:NOT_SET}'",
            "authorization"}}) {
    configure(", auth: {" + auth + "}", kPath);
    add(10, "1");
    const Explanation all = explain();
    EXPECT_EQ(all.record->judged.fate, Fate::sent) << auth;
    EXPECT_EQ(header(*all.request, masked), kMasked) << auth;
    EXPECT_THAT(text_of(all, kShownBody, clock_.wall_now()),
                HasSubstr("(***: a secret or made of one, and none was read)"));
  }
}

TEST_F(ExplainerTest, WithoutARecordTheRequestHasPlaceholders) {
  configure(std::string(kTenants) + ", headers: {X-Of: '{header:of}'}",
            ", path: '/of/{key}', dead_letter: none");
  const Explanation all = explain();
  EXPECT_FALSE(all.record);
  EXPECT_EQ(all.request->url, "https://api.example.com/of/{key}");
  EXPECT_EQ(header(*all.request, "X-Of"), "{header:of}");
  EXPECT_EQ(header(*all.request, "Idempotency-Key"), "(of the batch)");
  EXPECT_EQ(header(*all.request, "authorization"), kMasked);
}

TEST_F(ExplainerTest, NothingSecretIsInTextOrDocument) {
  configure(
      ", auth: [{type: basic, user: bob, password: very-secret-word}, {type: api_key, in: query, "
      "name: key, value: very-secret-key}, {type: hmac, secret: very-secret-sign, header: X-Sig, "
      "value: 'v1 {signature}'}], proxy: {url: 'http://proxy:1', user: u, password: "
      "very-secret-proxy}",
      kPath);
  for (const bool of_record : {false, true}) {
    begin();
    if (of_record) add(7, "1");
    const Explanation all = explain();
    for (const std::string& said : {text_of(all, SIZE_MAX, clock_.wall_now()),
                                    document_of(all, SIZE_MAX, clock_.wall_now())}) {
      EXPECT_THAT(said, AllOf(HasSubstr("X-Sig"), Not(HasSubstr("very-secret")),
                              Not(HasSubstr("v1 ")), Not(HasSubstr("Basic"))));
    }
  }
}

}  // namespace
}  // namespace sluice::explain
