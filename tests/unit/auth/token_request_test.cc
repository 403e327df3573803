#include "auth/token_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/fingerprint.h"
#include "unit/auth/keys.h"

namespace sluice::auth {
namespace {

using config::OAuth2Auth;
using config::Secret;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

OAuth2Auth with_secret() {
  OAuth2Auth auth;
  auth.token_url = "https://login.example.com/token";
  auth.client_id = "sl:uice";
  auth.client_secret = Secret("s3cr3t/&");
  return auth;
}

OAuth2Auth with_key() {
  OAuth2Auth auth = with_secret();
  auth.client_secret = {};
  auth.private_key = Secret(std::string(kEd25519Pem));
  auth.assertion.algorithm = config::JwtAlgorithm::eddsa;
  return auth;
}

std::string refusal_of(const OAuth2Auth& auth) {
  const auto requests = TokenRequests::make(auth);
  return requests ? "none" : requests.error().text();
}

TokenRequest next(const OAuth2Auth& auth, const std::string& refresh_token = "") {
  SeededRandom random(1);
  return TokenRequests::make(auth)->next(Secret(refresh_token),
                                         WallTime(std::chrono::seconds(1'795'629'600)), random);
}

std::string header(const TokenRequest& request, std::string_view name) {
  for (const Header& each : request.headers) {
    if (each.name == name) return each.value;
  }
  return "none";
}

TEST(TokenRequests, AskAsTheClientItself) {
  const TokenRequest request = next(with_secret());
  EXPECT_EQ(request.body.reveal(), "grant_type=client_credentials");
  EXPECT_EQ(header(request, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(header(request, "accept"), "application/json");
  // Of "sl%3Auice:s3cr3t%2F%26" (RFC 6749, 2.3.1).
  EXPECT_EQ(header(request, "authorization"), "Basic c2wlM0F1aWNlOnMzY3IzdCUyRiUyNg==");
}

TEST(TokenRequests, PostTheSecret) {
  OAuth2Auth auth = with_secret();
  auth.client_auth = config::ClientAuth::post;
  const TokenRequest request = next(auth);
  EXPECT_EQ(request.body.reveal(),
            "grant_type=client_credentials&client_id=sl%3Auice&client_secret=s3cr3t%2F%26");
  EXPECT_EQ(header(request, "authorization"), "none");
}

TEST(TokenRequests, SayWhatTheTokenIsFor) {
  OAuth2Auth auth = with_secret();
  auth.scope = "events.write events.read";
  auth.audience = "https://api.example.com";
  auth.parameters = {{"resource", "urn:a=b"}, {"a b", ""}};
  EXPECT_EQ(next(auth).body.reveal(),
            "grant_type=client_credentials&scope=events.write%20events.read&"
            "audience=https%3A%2F%2Fapi.example.com&resource=urn%3Aa%3Db&a%20b=");
}

TEST(TokenRequests, RefreshWithTheTokenThatTheyAreGiven) {
  OAuth2Auth auth = with_secret();
  auth.refresh_token = Secret("first");
  EXPECT_EQ(next(auth, "n+xt").body.reveal(), "grant_type=refresh_token&refresh_token=n%2Bxt");
}

TEST(TokenRequests, ProveThemselvesWithAnAssertion) {
  OAuth2Auth auth = with_key();
  const TokenRequest request = next(auth);
  EXPECT_THAT(std::string(request.body.reveal()),
              MatchesRegex("grant_type=client_credentials&client_id=sl%3Auice&"
                           "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"
                           "type%3Ajwt-bearer&client_assertion=[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\."
                           "[A-Za-z0-9_-]+"));
  EXPECT_EQ(header(request, "authorization"), "none");
  // For the server itself, unless it wants another name of it.
  auth.assertion.audience = auth.token_url;
  EXPECT_EQ(next(auth).body.reveal(), request.body.reveal());
  auth.assertion.audience = "https://other.example.com";
  EXPECT_NE(next(auth).body.reveal(), request.body.reveal());
}

TEST(TokenRequests, RefuseWhatCannotProveAnything) {
  OAuth2Auth auth = with_secret();
  auth.client_secret = {};
  EXPECT_EQ(refusal_of(auth), "auth.client_secret is empty; set it, or choose another auth.type");
  auth.client_secret = Secret("s3cr3t\n");
  EXPECT_THAT(refusal_of(auth), HasSubstr("auth.client_secret has a line break"));
  auth = with_secret();
  auth.client_id = "";
  EXPECT_THAT(refusal_of(auth), HasSubstr("auth.client_id is empty"));
  auth = with_secret();
  auth.refresh_token = Secret("s3cr3t ");
  EXPECT_THAT(refusal_of(auth), HasSubstr("auth.refresh_token begins or ends with a blank"));
  auth = with_key();
  auth.private_key = Secret("s3cr3t");
  EXPECT_THAT(refusal_of(auth), HasSubstr("auth.private_key is no private key in PEM form"));
  EXPECT_THAT(refusal_of(auth), Not(HasSubstr("s3cr3t")));
}

// `printf abc | sha256sum`.
TEST(Fingerprint, IsTheBeginningOfSha256) { EXPECT_EQ(fingerprint("abc"), "ba7816bf8f01cfea"); }

}  // namespace
}  // namespace sluice::auth
