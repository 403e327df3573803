#include "pipeline/token_fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/system_clock.h"
#include "support/scripted_server.h"

namespace sluice::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;

const SystemClock kClock;

Result<kafka::Token> fetch(const test::ScriptedServer& server, const std::string& scope = "") {
  config::KafkaSasl sasl;
  sasl.token_endpoint = server.url() + "/token";
  sasl.client_id = "me:1";
  sasl.client_secret = config::Secret("s3 cr3t");
  sasl.scope = scope;
  return token_fetch(sasl, kClock)();
}

TEST(TokenFetch, AsksAsAClientWithCredentialsOfItsOwn) {
  const test::ScriptedServer server([](const test::SeenRequest&) {
    return test::Reply{.body = R"({"access_token":"abc","token_type":"Bearer","expires_in":60})"};
  });
  const auto before = kClock.wall_now();
  const auto token = fetch(server, "a b");
  ASSERT_TRUE(token.has_value()) << token.error().text();
  EXPECT_EQ(token->value, "abc");
  EXPECT_GE(token->expires, before + std::chrono::seconds(60));
  EXPECT_LE(token->expires, kClock.wall_now() + std::chrono::seconds(60));
  const auto request = server.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/token");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=a%20b");
  EXPECT_EQ(*request.header("authorization"), "Basic bWUlM0ExOnMzJTIwY3IzdA==");
  EXPECT_EQ(*request.header("content-type"), "application/x-www-form-urlencoded");
}

TEST(TokenFetch, ShowsTheServersErrorCodeAndNothingElse) {
  const test::ScriptedServer server([](const test::SeenRequest&) {
    return test::Reply{
        .status = 401,
        .body = R"({"error":"invalid_client","error_description":"s3 cr3t is wrong"})"};
  });
  const auto token = fetch(server);
  ASSERT_FALSE(token.has_value());
  EXPECT_THAT(token.error().cause, HasSubstr("/token answers 401 (invalid_client)"));
  EXPECT_THAT(token.error().text(), Not(HasSubstr("cr3t is wrong")));
}

TEST(TokenFetch, TakesNoAnswerForAToken) {
  const test::ScriptedServer server([](const test::SeenRequest& seen) {
    return test::Reply{.body = seen.number == 0 ? "not json" : R"({"access_token":null})"};
  });
  for (int i = 0; i < 2; ++i) {
    const auto token = fetch(server);
    ASSERT_FALSE(token.has_value());
    EXPECT_THAT(token.error().cause, HasSubstr(i == 0 ? "answers 200, but not with a JSON object"
                                                      : "answers without an access_token"));
  }
}

TEST(TokenFetch, NamesAnEndpointThatDoesNotAnswer) {
  test::ScriptedServer server([](const test::SeenRequest&) { return test::Reply{}; });
  server.stop();
  const auto token = fetch(server);
  ASSERT_FALSE(token.has_value());
  EXPECT_THAT(token.error().text(),
              HasSubstr("the token endpoint " + server.url() + "/token does not answer: "));
}

}  // namespace
}  // namespace sluice::pipeline
