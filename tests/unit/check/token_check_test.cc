#include "check/token_check.h"

#include <gmock/gmock.h>

#include "check/target_check.h"
#include "credentials/token_store.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"
#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using config::Secret;
using test::Reply;
using test::ScriptedServer;
using test::SeenRequest;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kToken =
    R"({"access_token":"t0k3n","token_type":"Bearer","expires_in":3600})";

class TokenCheckTest : public testing::Test {
 protected:
  TokenCheckTest() {
    target_.name = "api";
    target_.base_url = api_.url();
    auth_.token_url = tokens_.url();
    auth_.client_id = "sluice";
    auth_.client_secret = Secret("s3cr3t");
  }

  void answer_with(Reply reply) {
    tokens_.set_handler([reply](const SeenRequest&) { return reply; });
  }
  const std::vector<std::string>& check() {
    target_.auth = {auth_};
    config_.targets.insert_or_assign("api", target_);
    check_targets(config_, clock_, findings_.report());
    return findings_.lines();
  }

  test::TempDir dir_;
  test::FakeClock clock_;
  ScriptedServer tokens_{[](const SeenRequest&) { return Reply{.body = kToken}; }};
  ScriptedServer api_{[](const SeenRequest& request) {
    const std::string* const token = request.header("authorization");
    return Reply{.status = token != nullptr && *token == "Bearer t0k3n" ? 200 : 401};
  }};
  config::OAuth2Auth auth_;
  config::Config config_;
  config::Target target_;
  Findings findings_;
};

TEST_F(TokenCheckTest, SaysThatATokenCameAndAsksWithIt) {
  target_.health = config::Health{"/health", true};
  EXPECT_THAT(check(),
              ElementsAre("ok targets.api.auth: the token server gives a token, good for 1h",
                          StartsWith("ok targets.api: "),
                          "ok targets.api.health: GET /health answers 200, so the credentials are "
                          "good"));
}

TEST_F(TokenCheckTest, SaysThatTheLifeIsNotTold) {
  answer_with({.body = R"({"access_token":"t","token_type":"bearer"})"});
  EXPECT_THAT(check()[0], HasSubstr("gives a token, and does not say for how long"));
}

TEST_F(TokenCheckTest, SaysInOneLineWhyNoneCame) {
  answer_with({.status = 401, .body = R"({"error":"invalid_client"})"});
  target_.health = config::Health{"/health", true};
  EXPECT_THAT(check(),
              ElementsAre("FAIL targets.api.auth: the token server " + auth_.token_url +
                              " answers 401 (invalid_client): it does not know the client, or "
                              "refuses its proof; correct client_id and client_secret, or "
                              "private_key and what is beside it",
                          StartsWith("ok targets.api: ")));
  EXPECT_EQ(api_.request_count(), 0U);
}

TEST_F(TokenCheckTest, AsksForHealthWithoutATokenWhereThatNeedsNone) {
  answer_with({.status = 500});
  target_.health = config::Health{"/health", false};
  check();
  EXPECT_EQ(api_.request_count(), 1U);
}

TEST_F(TokenCheckTest, KeepsTheRefreshTokenThatCame) {
  answer_with({.body = R"({"access_token":"t","token_type":"bearer","refresh_token":"next"})"});
  auth_.refresh_token = Secret("first");
  auth_.store = (dir_.path() / "store").string();
  check();
  check();
  EXPECT_THAT(tokens_.requests()[1].body, HasSubstr("refresh_token=next"));
}

TEST_F(TokenCheckTest, LeavesTheStoreToItsOwner) {
  auth_.refresh_token = Secret("first");
  auth_.store = (dir_.path() / "store").string();
  const auto owner = credentials::TokenStore::open(auth_.store, "line");
  EXPECT_EQ(check()[0], "warn targets.api.auth: no token was asked for: " + auth_.store +
                            " is in use; look into the /status of the process that uses it");
  EXPECT_EQ(tokens_.request_count(), 0U);
}

TEST_F(TokenCheckTest, FailsWhereThereCanBeNoStore) {
  auth_.refresh_token = Secret("first");
  auth_.store = (dir_.path() / "none" / "store").string();
  EXPECT_THAT(check()[0], StartsWith("FAIL targets.api.auth: auth.store: cannot open"));
}

TEST_F(TokenCheckTest, SaysWithoutTheServerWhatCannotProveAnything) {
  auth_.client_secret = {};
  auth_.private_key = Secret("s3cr3t");
  target_.auth = {auth_};
  config_.targets.emplace("api", target_);
  check_credentials(config_, clock_, findings_.report());
  EXPECT_THAT(findings_.lines(),
              ElementsAre(AllOf(StartsWith("FAIL targets.api.auth: auth.private_key is no private "
                                           "key in PEM form"),
                                Not(HasSubstr("s3cr3t")))));
  EXPECT_THAT(check(), SizeIs(2));  // the other one is the connection's: nothing is said twice
}

TEST_F(TokenCheckTest, SaysWithoutTheServerWhatThereIs) {
  target_.auth = {auth_};
  config_.targets.emplace("api", target_);
  check_credentials(config_, clock_, findings_.report());
  EXPECT_THAT(findings_.lines(), ElementsAre("ok targets.api.auth: token of a token server"));
  EXPECT_EQ(tokens_.request_count(), 0U);
}

}  // namespace
}  // namespace sluice::check
