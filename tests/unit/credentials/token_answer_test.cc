#include "credentials/token_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::credentials {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

std::string with(const std::string& more) {
  return R"({"access_token":"t0k3n","token_type":"Bearer")" + more + "}";
}

Result<TokenAnswer> read(int status, std::string body) { return read_token_answer(status, body); }

std::string refusal_of(int status, const std::string& body) {
  const auto answer = read(status, body);
  return answer ? "none" : answer.error().text();
}

std::optional<Duration> life_of(const std::string& expires_in) {
  const auto answer = read(200, with(R"(,"expires_in":)" + expires_in));
  EXPECT_TRUE(answer) << expires_in << ": " << answer.error().text();
  return answer ? answer->life : std::nullopt;
}

TEST(TokenAnswer, HasWhatTheRfcShows) {
  const auto answer =
      read(200, R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example",)"
                R"("token_type":"bEARER","expires_in":3600,"refresh_token":)"
                R"("tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"example_value"})");
  EXPECT_FALSE(answer);  // the first of two counts
  const auto good = read(200, R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bEARER",)"
                              R"("expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",)"
                              R"("example_parameter":"example_value"})");
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_EQ(good->access_token.reveal(), "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(good->refresh_token.reveal(), "tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_EQ(good->life, seconds(3600));
}

TEST(TokenAnswer, MayLeaveOutLifeAndRefreshToken) {
  const auto answer = read(201, with(R"(,"expires_in":null,"refresh_token":null)"));
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->life, std::nullopt);
  EXPECT_TRUE(answer->refresh_token.empty());
}

TEST(TokenAnswer, ReadsALifeHoweverItIsWritten) {
  EXPECT_EQ(life_of("1"), seconds(1));
  EXPECT_EQ(life_of("3599.9"), seconds(3599));
  EXPECT_EQ(life_of(R"("3600")"), seconds(3600));
  EXPECT_EQ(life_of("1e300"), kLongestLife);
  EXPECT_EQ(life_of("99999999999999999999999999"), kLongestLife);
  EXPECT_EQ(life_of(R"("99999999999999999999999999")"), kLongestLife);
}

TEST(TokenAnswer, RefusesALifeThatIsNone) {
  for (const char* none : {"\"soon\"", "\"-5\"", "\"\"", "\"3600s\"", "true", "[3600]", "{}"}) {
    EXPECT_EQ(refusal_of(200, with(std::string(R"(,"expires_in":)") + none)),
              "answers with an expires_in that is no number of seconds; see to the token server")
        << none;
  }
  for (const char* past : {"0", "-1", "-1e300", "0.5", "\"0\""}) {
    EXPECT_THAT(refusal_of(200, with(std::string(R"(,"expires_in":)") + past)),
                HasSubstr("has no time left"))
        << past;
  }
}

TEST(TokenAnswer, RefusesAnswersWithoutAToken) {
  EXPECT_EQ(refusal_of(200, R"({"token_type":"Bearer"})"),
            "answers without an access_token; correct token_url, or see to the token server");
  EXPECT_EQ(refusal_of(200, R"({"access_token":null,"token_type":"Bearer"})"),
            refusal_of(200, "{}"));
  for (const char* token :
       {"\"\"", "7", "\"a b\"", R"("a\nb")", R"("a\u0000b")", R"("\u00e4")", "\"\xff\""}) {
    const std::string body = R"({"token_type":"Bearer","access_token":)" + std::string(token) + "}";
    EXPECT_THAT(refusal_of(200, body), HasSubstr("an access_token that no header can carry"))
        << token;
  }
}

TEST(TokenAnswer, RefusesOtherTokensThanBearers) {
  for (const char* type : {R"(,"token_type":"mac")", R"(,"token_type":7)", "",
                           R"(,"token_type":"bearer ")", R"(,"token_type":"")"}) {
    EXPECT_EQ(refusal_of(200, R"({"access_token":"s3cr3t")" + std::string(type) + "}"),
              "answers with a token_type other than Bearer, or without one; let the token server "
              "give bearer tokens")
        << type;
  }
}

TEST(TokenAnswer, RefusesRefreshTokensThatNoFileOfLinesKeeps) {
  for (const char* token : {"\"\"", "7", R"("a\nb")"}) {
    EXPECT_THAT(refusal_of(200, with(R"(,"refresh_token":)" + std::string(token))),
                HasSubstr("answers with a refresh_token"))
        << token;
  }
}

TEST(TokenAnswer, RefusesWhatIsNoJsonObject) {
  const std::string expected = "answers 200, but not with a JSON object; correct token_url";
  EXPECT_EQ(refusal_of(200, "<html>s3cr3t</html>"), expected);
  EXPECT_EQ(refusal_of(200, ""), expected);
  EXPECT_EQ(refusal_of(200, "[]"), expected);
  EXPECT_EQ(refusal_of(200, with("") + "x"), expected);
  EXPECT_EQ(refusal_of(200, with("") + '\0' + "x"), expected);
  EXPECT_EQ(refusal_of(200, std::string(60'000, '[')), expected);
}

TEST(TokenAnswer, SaysWhatTheServersCodeMeans) {
  EXPECT_EQ(refusal_of(401, R"({"error":"invalid_client","error_description":"s3cr3t"})"),
            "answers 401 (invalid_client): it does not know the client, or refuses its proof; "
            "correct client_id and client_secret, or private_key and what is beside it");
  EXPECT_THAT(refusal_of(400, R"({"error":"invalid_grant"})"),
              HasSubstr("(invalid_grant): it does not take the refresh token"));
  EXPECT_THAT(refusal_of(400, R"({"error":"invalid_scope"})"), HasSubstr("; correct scope"));
  // As some do it.
  EXPECT_THAT(refusal_of(200, R"({"error":"invalid_client"})"),
              HasSubstr("answers 200 (invalid_client)"));
  // And what is there counts.
  EXPECT_EQ(refusal_of(200, with(R"(,"error":"invalid_client")")), "none");
}

// It may be anything, and even what we sent.
TEST(TokenAnswer, DoesNotRepeatWhatItDoesNotKnow) {
  EXPECT_EQ(refusal_of(401, R"({"error":"s3cr3t","error_description":"s3cr3t"})"),
            "answers 401: it refuses the client; correct client_id and client_secret, or "
            "private_key and what is beside it");
  EXPECT_THAT(refusal_of(400, R"({"error":{"message":"s3cr3t"}})"), HasSubstr("answers 400;"));
}

TEST(TokenAnswer, SaysWhatAStatusMeans) {
  EXPECT_EQ(refusal_of(302, ""),
            "answers 302, a redirect, which is not followed; correct token_url to where it leads");
  EXPECT_EQ(refusal_of(404, "<html>"),
            "answers 404: there is no token server at that path; correct token_url");
  EXPECT_EQ(refusal_of(500, "oops"), "answers 500; see to the token server");
  EXPECT_EQ(refusal_of(429, ""), "answers 429; see to the token server");
  EXPECT_EQ(refusal_of(500, with("")), "answers 500; see to the token server");
}

TEST(TokenAnswer, WipesTheBody) {
  std::string body = with("");
  body.reserve(200);
  ASSERT_TRUE(read_token_answer(200, body));
  EXPECT_EQ(body, "");
  EXPECT_EQ(std::string_view(body.data(), 20), std::string(20, '\0'));
}

}  // namespace
}  // namespace sluice::credentials
