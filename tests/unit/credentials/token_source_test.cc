#include "credentials/token_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "auth/fingerprint.h"
#include "credentials/bearer.h"
#include "support/fake_clock.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"

namespace sluice::credentials {
namespace {

using config::Secret;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Fault;
using test::Reply;
using test::ScriptedServer;
using test::SeenRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Reply token(const std::string& name, const std::string& more = R"(,"expires_in":1000)") {
  return {.body = R"({"access_token":")" + name + R"(","token_type":"Bearer")" + more + "}"};
}

// token-0, token-1, ...
Reply numbered(const SeenRequest& request) {
  return token("token-" + std::to_string(request.number));
}

class TokenSourceTest : public testing::Test {
 protected:
  TokenSourceTest() {
    auth_.token_url = server_.url() + "/token";
    auth_.client_id = "sluice";
    auth_.client_secret = Secret("s3cr3t");
  }

  std::unique_ptr<TokenSource> make() {
    return TokenSource::create(auth_, {}, clock_, random_).value();
  }
  std::string refusal() {
    const auto source = TokenSource::create(auth_, {}, clock_, random_);
    return source ? "none" : source.error().text();
  }
  void with_refresh_token(const std::string& first) {
    auth_.refresh_token = Secret(first);
    auth_.store = (dir_.path() / "store").string();
  }
  std::string stored() const {
    std::stringstream text;
    text << std::ifstream(auth_.store).rdbuf();
    return text.str();
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const SeenRequest& request : server_.requests()) out.push_back(request.body);
    return out;
  }

  test::TempDir dir_;
  test::FakeClock clock_;
  SeededRandom random_{1};
  ScriptedServer server_{numbered};
  config::OAuth2Auth auth_;
};

TEST_F(TokenSourceTest, HasATokenAfterTheFirstTending) {
  const auto source = make();
  EXPECT_EQ(source->due(), clock_.now());
  EXPECT_FALSE(source->standing().good_at(clock_.now()));
  EXPECT_TRUE(source->tend());
  const TokenStanding standing = source->standing();
  EXPECT_EQ(standing.token.reveal(), "token-0");
  EXPECT_EQ(standing.fingerprint, auth::fingerprint("token-0"));
  EXPECT_EQ(standing.fetched_at, clock_.wall_now());
  EXPECT_EQ(standing.expires_at, clock_.wall_now() + seconds(1000));
  EXPECT_EQ(standing.error, std::nullopt);
  EXPECT_TRUE(standing.good_at(clock_.now() + seconds(999)));
  EXPECT_FALSE(standing.good_at(clock_.now() + seconds(1000)));
  const SeenRequest request = server_.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/token");
  EXPECT_EQ(request.body, "grant_type=client_credentials");
  EXPECT_EQ(*request.header("authorization"), "Basic c2x1aWNlOnMzY3IzdA==");
}

TEST_F(TokenSourceTest, AsksWhenItIsDueAndNotBefore) {
  const auto source = make();
  source->tend();
  EXPECT_FALSE(source->tend());
  EXPECT_GE(source->due(), clock_.now() + seconds(600));
  EXPECT_LE(source->due(), clock_.now() + seconds(800));
  clock_.advance(seconds(800));
  EXPECT_TRUE(source->tend());
  EXPECT_EQ(source->standing().token.reveal(), "token-1");
}

TEST_F(TokenSourceTest, KeepsATokenThroughAnOutage) {
  const auto source = make();
  source->tend();
  server_.set_handler([](const SeenRequest&) { return Reply{.status = 500}; });
  clock_.advance(seconds(800));
  EXPECT_TRUE(source->tend());
  const TokenStanding standing = source->standing();
  EXPECT_EQ(standing.token.reveal(), "token-0");
  EXPECT_TRUE(standing.good_at(clock_.now()));
  ASSERT_TRUE(standing.error);
  EXPECT_EQ(standing.error->text(),
            "the token server " + auth_.token_url + " answers 500; see to the token server");
  EXPECT_LE(source->due(), clock_.now() + seconds(1));
  clock_.advance(seconds(1));
  server_.set_handler(numbered);
  EXPECT_TRUE(source->tend());
  EXPECT_EQ(source->standing().token.reveal(), "token-2");
  EXPECT_EQ(source->standing().error, std::nullopt);
}

TEST_F(TokenSourceTest, SaysThatNobodyListensAndGoesOn) {
  server_.stop();
  const auto source = make();
  EXPECT_TRUE(source->tend());
  EXPECT_THAT(source->standing().error.value().text(),
              HasSubstr("the token server " + auth_.token_url + " gives no answer: "));
  EXPECT_FALSE(source->standing().good_at(clock_.now()));
  server_.restart();
  clock_.advance(seconds(1));
  source->tend();
  EXPECT_TRUE(source->standing().good_at(clock_.now()));
}

TEST_F(TokenSourceTest, WaitsAsLongAsTheServerSays) {
  server_.set_handler(
      [](const SeenRequest&) { return Reply{.status = 429, .headers = {{"Retry-After", "120"}}}; });
  const auto source = make();
  source->tend();
  EXPECT_EQ(source->due(), clock_.now() + seconds(120));
  server_.set_handler([](const SeenRequest&) {
    return Reply{.status = 503, .headers = {{"Retry-After", "99999"}}};
  });
  clock_.advance(seconds(120));
  source->tend();
  EXPECT_EQ(source->due(), clock_.now() + minutes(5));
}

TEST_F(TokenSourceTest, GivesUpAfterItsTimeout) {
  server_.set_handler([](const SeenRequest&) { return Reply{.fault = Fault::hang}; });
  auth_.timeout = std::chrono::milliseconds(50);
  const auto source = make();
  EXPECT_TRUE(source->tend());
  EXPECT_THAT(source->standing().error.value().text(), HasSubstr("gives no answer"));
}

// As if it had not been called: nothing failed.
TEST_F(TokenSourceTest, GivesUpWhenTold) {
  server_.set_handler([](const SeenRequest&) { return Reply{.fault = Fault::hang}; });
  const auto source = make();
  const std::atomic<bool> stop(true);
  EXPECT_FALSE(source->tend(&stop));
  EXPECT_EQ(source->standing().error, std::nullopt);
  EXPECT_EQ(source->due(), clock_.now());
}

TEST_F(TokenSourceTest, RefusesAnswersThatAreTooLong) {
  server_.set_handler([](const SeenRequest&) { return Reply{.fault = Fault::huge_body}; });
  const auto source = make();
  source->tend();
  EXPECT_THAT(source->standing().error.value().text(), HasSubstr("longer than 65536 bytes"));
}

TEST_F(TokenSourceTest, SaysNothingSecret) {
  server_.set_handler([](const SeenRequest& request) {
    return Reply{.status = 401,
                 .body = R"({"error":"invalid_client","error_description":")" + request.body +
                         " s3cr3t " + *request.header("authorization") + R"("})"};
  });
  const auto source = make();
  source->tend();
  const std::string error = source->standing().error.value().text();
  EXPECT_THAT(error, HasSubstr("answers 401 (invalid_client): it does not know the client"));
  EXPECT_THAT(error, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(error, Not(HasSubstr("Basic")));
}

TEST_F(TokenSourceTest, FetchesOneNewTokenForOneThatIsRefused) {
  const auto source = make();
  source->tend();
  clock_.advance(minutes(1));
  source->ask_for_new(auth::fingerprint("token-0"));
  source->ask_for_new(auth::fingerprint("token-0"));
  EXPECT_TRUE(source->tend());
  EXPECT_EQ(source->standing().token.reveal(), "token-1");
  clock_.advance(minutes(1));
  source->ask_for_new(auth::fingerprint("token-0"));  // a late answer
  EXPECT_FALSE(source->tend());
  source->ask_for_new(auth::fingerprint("token-1"));
  EXPECT_TRUE(source->tend());
  EXPECT_EQ(source->standing().token.reveal(), "token-2");
}

TEST_F(TokenSourceTest, HasOneFlightAtATime) {
  std::atomic<bool> go(false);
  server_.set_handler([&](const SeenRequest& request) {
    while (!go) std::this_thread::yield();
    return numbered(request);
  });
  const auto source = make();
  std::thread first([&] { source->tend(); });
  server_.wait_for_requests(1, seconds(10));
  EXPECT_FALSE(source->tend());
  EXPECT_FALSE(source->standing().good_at(clock_.now()));  // which waits for nobody
  go = true;
  first.join();
  EXPECT_EQ(server_.request_count(), 1U);
  EXPECT_TRUE(source->standing().good_at(clock_.now()));
}

TEST_F(TokenSourceTest, KeepsATokenOfUntoldLifeUntilAnotherComes) {
  server_.set_handler([](const SeenRequest&) { return token("t", ""); });
  const auto source = make();
  source->tend();
  EXPECT_EQ(source->standing().expires_at, std::nullopt);
  EXPECT_TRUE(source->standing().good_at(clock_.now() + std::chrono::hours(1000)));
  EXPECT_LE(source->due(), clock_.now() + minutes(48));
}

TEST_F(TokenSourceTest, RotatesRefreshTokensThroughItsStore) {
  with_refresh_token("first");
  server_.set_handler([](const SeenRequest& request) {
    const std::string number = std::to_string(request.number);
    return token("t" + number, R"(,"expires_in":100,"refresh_token":"r)" + number + "\"");
  });
  {
    const auto source = make();
    source->tend();
    EXPECT_THAT(stored(), HasSubstr("\nr0\n"));
    clock_.advance(seconds(100));
    source->tend();
    EXPECT_THAT(stored(), HasSubstr("\nr1\n"));
    EXPECT_THAT(refusal(), HasSubstr("is in use: one process alone"));
  }
  make()->tend();  // the next process
  EXPECT_THAT(bodies(), ElementsAre("grant_type=refresh_token&refresh_token=first",
                                    "grant_type=refresh_token&refresh_token=r0",
                                    "grant_type=refresh_token&refresh_token=r1"));
}

TEST_F(TokenSourceTest, WaitsForTheNextRefreshTokenAlsoWhenToldToStop) {
  with_refresh_token("first");
  server_.set_handler([](const SeenRequest&) { return token("t", R"(,"refresh_token":"r")"); });
  const std::atomic<bool> stop(true);
  make()->tend(&stop);
  EXPECT_THAT(stored(), HasSubstr("\nr\n"));
}

TEST_F(TokenSourceTest, KeepsTheRefreshTokenWhereNoOtherComes) {
  with_refresh_token("first");
  const auto source = make();
  source->tend();
  clock_.advance(seconds(1000));
  source->tend();
  EXPECT_THAT(bodies(), ElementsAre("grant_type=refresh_token&refresh_token=first",
                                    "grant_type=refresh_token&refresh_token=first"));
  EXPECT_EQ(stored(), "");
}

TEST_F(TokenSourceTest, TakesANewRefreshTokenOfTheConfiguration) {
  with_refresh_token("first");
  server_.set_handler([](const SeenRequest&) { return token("t", R"(,"refresh_token":"r")"); });
  make()->tend();
  with_refresh_token("second");
  make()->tend();
  EXPECT_EQ(bodies().at(1), "grant_type=refresh_token&refresh_token=second");
}

TEST_F(TokenSourceTest, UsesATokenWhoseRefreshTokenItCannotKeepAndTriesAgain) {
  with_refresh_token("first");
  server_.set_handler([](const SeenRequest&) { return token("t", R"(,"refresh_token":"r")"); });
  const auto source = make();
  const auto obstacle = auth_.store + ".new";
  std::filesystem::create_directory(obstacle);
  source->tend();
  EXPECT_TRUE(source->standing().good_at(clock_.now()));
  EXPECT_THAT(source->standing().error.value().text(), HasSubstr("auth.store: cannot write"));
  EXPECT_EQ(source->due(), clock_.now() + seconds(10));
  clock_.advance(seconds(10));
  EXPECT_TRUE(source->tend());
  EXPECT_TRUE(source->standing().error.has_value());
  std::filesystem::remove(obstacle);
  clock_.advance(seconds(10));
  EXPECT_TRUE(source->tend());
  EXPECT_EQ(source->standing().error, std::nullopt);
  EXPECT_THAT(stored(), HasSubstr("\nr\n"));
  EXPECT_EQ(server_.request_count(), 1U);
  EXPECT_GT(source->due(), clock_.now() + minutes(30));
}

TEST_F(TokenSourceTest, RefusesAPrivateKeyThatIsNone) {
  auth_.client_secret = {};
  auth_.private_key = Secret("s3cr3t");
  EXPECT_THAT(refusal(), HasSubstr("auth.private_key is no private key in PEM form"));
}

TEST_F(TokenSourceTest, SaysWhichTlsFileCannotBeUsed) {
  http::ClientOptions route;
  route.tls.ca = (dir_.path() / "none.pem").string();
  const auto source = TokenSource::create(auth_, route, clock_, random_);
  ASSERT_TRUE(source);
  (*source)->tend();
  EXPECT_THAT((*source)->standing().error.value().text(), HasSubstr("none.pem"));
}

TEST(Bearer, PutsTheTokenInThePlaceOfWhatItIsFor) {
  config::Auths auths{config::ApiKeyAuth{"X-Key", config::ApiKeyPlace::header, Secret("k")}};
  EXPECT_EQ(oauth2_in(auths), nullptr);
  config::OAuth2Auth oauth2;
  oauth2.client_id = "sluice";
  auths.emplace_back(oauth2);
  ASSERT_NE(oauth2_in(auths), nullptr);
  EXPECT_EQ(oauth2_in(auths)->client_id, "sluice");
  const config::Auths signing = with_token(auths, Secret("t0k3n"));
  ASSERT_EQ(signing.size(), 2U);
  EXPECT_EQ(std::get<config::ApiKeyAuth>(signing[0]).value.reveal(), "k");
  EXPECT_EQ(std::get<config::BearerAuth>(signing[1]).token.reveal(), "t0k3n");
}

}  // namespace
}  // namespace sluice::credentials
