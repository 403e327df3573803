#include "check/target_check.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/system_clock.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"
#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using test::Reply;
using test::ScriptedServer;
using test::SeenRequest;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Reply ok(const SeenRequest&) { return {}; }

std::string host_of(const ScriptedServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// One target, "api".
class TargetCheckTest : public testing::Test {
 protected:
  TargetCheckTest() { target_.name = "api"; }

  const std::vector<std::string>& check() {
    config_.targets.insert_or_assign("api", target_);
    check_targets(config_, clock_, findings_.report());
    return findings_.lines();
  }
  const std::vector<std::string>& check(const ScriptedServer& server) {
    target_.base_url = server.url();
    return check();
  }

  // In a file, for tls.ca.
  std::string file_of(const std::string& pem) {
    const auto file = dir_.path() / "ca.pem";
    std::ofstream(file) << pem;
    return file.string();
  }

  test::TempDir dir_;
  test::FakeClock clock_;
  config::Config config_;
  config::Target target_;
  Findings findings_;
};

TEST_F(TargetCheckTest, ConnectsAndAsksNothingWithoutAHealthPath) {
  ScriptedServer server(ok);
  EXPECT_THAT(check(server),
              ElementsAre("ok targets.api: " + host_of(server) + " answers, without TLS"));
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(TargetCheckTest, FailsWhereNothingListens) {
  ScriptedServer server(ok);
  server.stop();
  const auto& lines = check(server);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], StartsWith("FAIL targets.api: "));
  EXPECT_THAT(lines[0],
              HasSubstr("; start the API, or correct host and port of targets.api.base_url"));
}

TEST_F(TargetCheckTest, FailsForACertificateThatNobodyTrusts) {
  ScriptedServer server(ok, {.tls = test::TlsOptions{}});
  const auto& lines = check(server);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], StartsWith("FAIL targets.api: "));
  EXPECT_THAT(lines[0], HasSubstr("; correct targets.api.tls or targets.api.base_url"));
}

TEST_F(TargetCheckTest, WarnsOfACertificateThatExpiresWithinTwoWeeks) {
  const test::TestCa ca;
  ScriptedServer server(
      ok,
      {.tls = test::TlsOptions{.identity = ca.issue("127.0.0.1", std::chrono::hours(24 * 3 + 1))}});
  target_.tls.ca = file_of(ca.pem());
  clock_.set_wall(SystemClock().wall_now());
  EXPECT_THAT(check(server),
              ElementsAre(StartsWith("warn targets.api: " + host_of(server) +
                                     " answers with TLS, certificate good for 3 days only (")));
}

TEST_F(TargetCheckTest, ConnectsThroughTheProxyWhereThereIsOne) {
  ScriptedServer proxy(ok);
  target_.base_url = "http://api.example.com";
  target_.proxy = config::Proxy{proxy.url(), "", {}};
  EXPECT_THAT(check(), ElementsAre("ok targets.api: " + host_of(proxy) +
                                   " (the proxy) answers, without TLS"));
  proxy.stop();
  EXPECT_THAT(check().back(), HasSubstr("; start the API, or correct host and port of "
                                        "targets.api.base_url or targets.api.proxy"));
}

TEST_F(TargetCheckTest, AsksForTheHealthPathWithoutCredentials) {
  ScriptedServer server(ok);
  target_.base_url = server.url();
  target_.health = config::Health{"/health", false};
  target_.auth = {config::BearerAuth{config::Secret("the-token")}};
  target_.headers = {{"x-version", "2"}, {"x-key", "{key}"}};
  EXPECT_THAT(check(server), Contains("ok targets.api.health: GET /health answers 200"));
  ASSERT_EQ(server.request_count(), 1U);
  const SeenRequest asked = server.requests()[0];
  EXPECT_EQ(asked.method + " " + asked.path, "GET /health");
  EXPECT_EQ(asked.header("authorization"), nullptr);
  EXPECT_EQ(asked.header("x-key"), nullptr);
  ASSERT_NE(asked.header("x-version"), nullptr);
  EXPECT_EQ(*asked.header("x-version"), "2");
}

TEST_F(TargetCheckTest, AnAuthenticatedHealthPathProvesTheCredentials) {
  ScriptedServer server([](const SeenRequest& request) {
    const std::string* const sent = request.header("authorization");
    return Reply{.status = sent != nullptr && *sent == "Bearer the-token" ? 204 : 401};
  });
  target_.health = config::Health{"/health", true};
  target_.auth = {config::BearerAuth{config::Secret("the-token")}};
  EXPECT_THAT(check(server), Contains("ok targets.api.health: GET /health answers 204, so the "
                                      "credentials are good"));
}

TEST_F(TargetCheckTest, AHealthPathThatAsksForNoCredentialsProvesNone) {
  ScriptedServer server(ok);
  target_.health = config::Health{"/health", true};
  target_.auth = {config::BearerAuth{config::Secret("any-token")}};
  EXPECT_THAT(check(server),
              Contains("warn targets.api.health: GET /health answers 200, but so it does without "
                       "credentials: it proves none; name a path that asks for them, or remove "
                       "authenticated"));
}

TEST_F(TargetCheckTest, AServerWithoutHttp2IsNamedWhereItIsNotAskedFirst) {
  ScriptedServer server(ok);
  target_.http_version = config::HttpVersion::v2;
  EXPECT_THAT(check(server),
              Contains(testing::AllOf(
                  testing::StartsWith("FAIL targets.api.http_version: does not answer in HTTP/2: "),
                  testing::EndsWith("; remove targets.api.http_version"))));
}

TEST_F(TargetCheckTest, NamesTheCredentialsThatAreRefusedButDoesNotShowThem) {
  for (const int status : {401, 403}) {
    ScriptedServer server([status](const SeenRequest&) { return Reply{.status = status}; });
    target_.health = config::Health{"/health", true};
    target_.auth = {config::BearerAuth{config::Secret("the-token")}};
    const auto& lines = check(server);
    EXPECT_EQ(lines.back(), "FAIL targets.api.health: GET /health answers " +
                                std::to_string(status) +
                                "; the API refuses the credentials: correct targets.api.auth and "
                                "what it refers to");
  }
  EXPECT_THAT(findings_.lines(), Not(Contains(HasSubstr("the-token"))));
}

TEST_F(TargetCheckTest, EveryOtherStatusHasItsRemedy) {
  const std::map<int, std::string> remedies = {
      {401,
       "the path wants credentials: add authenticated: true to targets.api.health, or name "
       "another path"},
      {404, "correct targets.api.health.path, or targets.api.base_url"},
      {302, "redirects are not followed: correct targets.api.health.path to where it leads"},
      {503, "try again, or ask those who run the API"},
      {400, "correct targets.api.health.path"}};
  target_.health = config::Health{"/health", false};
  for (const auto& [status, remedy] : remedies) {
    ScriptedServer server(
        [status = status](const SeenRequest&) { return Reply{.status = status}; });
    EXPECT_EQ(check(server).back(), "FAIL targets.api.health: GET /health answers " +
                                        std::to_string(status) + "; " + remedy);
  }
}

TEST_F(TargetCheckTest, WarnsOfAClockThatIsOff) {
  const auto says = [](const std::string& date) {
    return [date](const SeenRequest&) { return Reply{.headers = {{"Date", date}}}; };
  };
  target_.health = config::Health{"/health", false};
  clock_.set_wall(WallTime{std::chrono::seconds(1'795'629'600)});  // 2026-11-25T18:00:00Z
  ScriptedServer near(says("Wed, 25 Nov 2026 18:00:30 GMT"));
  EXPECT_EQ(check(near).back(), "ok targets.api.health: GET /health answers 200");
  ScriptedServer ahead(says("Wed, 25 Nov 2026 18:00:31 GMT"));
  EXPECT_EQ(check(ahead).back(),
            "warn targets.api.health: the API's clock is 31 s ahead of this machine's; set the "
            "wrong one: signatures that carry a time are refused when it is off");
  ScriptedServer behind(says("Wed, 25 Nov 2026 17:00:00 GMT"));
  EXPECT_THAT(check(behind).back(), HasSubstr("is 3600 s behind this machine's"));
  ScriptedServer silent(says("soon"));
  EXPECT_EQ(check(silent).back(), "ok targets.api.health: GET /health answers 200");
}

TEST_F(TargetCheckTest, CredentialsAndFilesAreJudgedWithoutANetwork) {
  target_.base_url = "https://api.example.com";
  target_.auth = {config::BearerAuth{config::Secret("two\nlines")}};
  target_.tls.ca = (dir_.path() / "no-such.pem").string();
  config_.targets.emplace("api", target_);
  check_credentials(config_, clock_, findings_.report());
  ASSERT_EQ(findings_.lines().size(), 2U);
  EXPECT_THAT(findings_.lines()[0],
              StartsWith("FAIL targets.api.auth: auth.token has a line break"));
  EXPECT_THAT(findings_.lines()[1], StartsWith("FAIL targets.api.tls: "));
  EXPECT_THAT(findings_.lines()[1], HasSubstr("no-such.pem"));
}

TEST_F(TargetCheckTest, SignsItsQuestionForTheHealthPath) {
  ScriptedServer server(ok);
  config::HmacAuth auth;
  auth.secret = config::Secret("k3y");
  auth.format.timestamp_header = "X-Time";
  auth.format.id_header = "X-Id";
  target_.health = config::Health{"/health", true};
  target_.auth = {auth};
  check(server);
  const SeenRequest asked = server.requests()[0];
  EXPECT_EQ(*asked.header("x-id"), "sluice-check");
  EXPECT_EQ(
      *asked.header("x-time"),
      std::to_string(
          std::chrono::floor<std::chrono::seconds>(clock_.wall_now()).time_since_epoch().count()));
  EXPECT_EQ(asked.header("x-signature")->size(), 64U);
}

TEST_F(TargetCheckTest, SaysWhichCredentialsThereAre) {
  config::HmacAuth signature;
  signature.secret = config::Secret("k3y");
  target_.auth = {config::BasicAuth{"user", config::Secret("hunter2")}, signature};
  config_.targets.emplace("api", target_);
  check_credentials(config_, clock_, findings_.report());
  EXPECT_THAT(findings_.lines(), ElementsAre("ok targets.api.auth: user and password, signature"));
}

config::Tenants tenants_with(const std::string& token_of_bolt) {
  config::Tenants made;
  made.by = {"key"};
  made.of["acme"].auth = {config::BearerAuth{config::Secret("acme-key")}};
  made.of["bolt"].auth = {config::BearerAuth{config::Secret(token_of_bolt)}};
  return made;
}

TEST_F(TargetCheckTest, EachTenantIsAskedFor) {
  ScriptedServer server([](const SeenRequest& request) {
    const std::string* const sent = request.header("authorization");
    const bool good = sent != nullptr && (*sent == "Bearer acme-key" || *sent == "Bearer bolt-key");
    return Reply{.status = good ? 200 : 401};
  });
  target_.health = config::Health{"/health", true};
  target_.tenants = tenants_with("bolt-key");
  EXPECT_EQ(check(server).back(),
            "ok targets.api.health: GET /health takes 2 tenants, so their credentials are good");
  target_.tenants = tenants_with("wrong");
  EXPECT_EQ(check(server).back(),
            "FAIL targets.api.tenants.of.bolt: GET /health answers 401; the API refuses the "
            "credentials: correct targets.api.tenants.of.bolt and what it refers to");
}

TEST_F(TargetCheckTest, CredentialsOfTenantsAreOneLineUnlessOneIsWrong) {
  target_.base_url = "http://127.0.0.1:1";
  target_.tenants = tenants_with("bolt-key");
  config_.targets.insert_or_assign("api", target_);
  check_credentials(config_, clock_, findings_.report());
  EXPECT_THAT(findings_.lines(),
              ElementsAre("ok targets.api.tenants: 2 tenants with credentials of their own"));
  target_.tenants = tenants_with("line\nbreak");
  config_.targets.insert_or_assign("api", target_);
  check_credentials(config_, clock_, findings_.report());
  EXPECT_THAT(findings_.lines().back(), StartsWith("FAIL targets.api.tenants.of.bolt: "));
}

}  // namespace
}  // namespace sluice::check
