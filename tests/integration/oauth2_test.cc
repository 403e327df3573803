// Tokens from a token server that shares nothing with Sluice: token_server.py, which has the
// openssl program verify what it is shown, rotates refresh tokens and takes no old one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "auth/signer.h"
#include "base/random.h"
#include "base/system_clock.h"
#include "credentials/bearer.h"
#include "credentials/token_source.h"
#include "http/ask.h"
#include "support/eventually.h"
#include "support/process.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace sluice::test {
namespace {

using config::ClientAuth;
using config::JwtAlgorithm;
using config::Secret;
using credentials::TokenSource;
using credentials::TokenStanding;
using std::chrono::hours;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// Real time for what is signed with it; intervals pass when told.
class MovedClock final : public Clock {
 public:
  Instant now() const override { return real_.now() + by_; }
  WallTime wall_now() const override { return real_.wall_now(); }
  void advance(Duration by) { by_ += by; }

 private:
  SystemClock real_;
  Duration by_{};
};

class TokenServer {
 public:
  TokenServer() {
    const Credentials identity = ca_.issue("127.0.0.1");
    write("cert.pem", identity.cert);
    write("key.pem", identity.key);
    write("ca.pem", ca_.pem());
    ChildProcess::Options options;
    options.argv = {"python3", SLUICE_SOURCE_DIR "/tests/integration/token_server.py",
                    folder_.path().string()};
    options.out_file = options.err_file = folder_.path() / "errors";
    child_.emplace(options);
    const bool there = eventually([&] { return exists("port"); }, seconds(60));
    EXPECT_TRUE(there) << read("errors");
  }

  std::string url(const std::string& path) const {
    return "https://127.0.0.1:" + read("port") + path;
  }
  http::ClientOptions route() const {
    http::ClientOptions options;
    options.tls.ca = (folder_.path() / "ca.pem").string();
    return options;
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }
  std::string read(const std::string& name) const { return read_file(folder_.path() / name); }
  // What it was asked, one line a request, oldest first.
  std::vector<std::string> log() const {
    std::vector<std::string> lines;
    if (!exists("log")) return lines;
    std::istringstream text(read("log"));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

 private:
  bool exists(const std::string& name) const {
    return std::filesystem::exists(folder_.path() / name);
  }

  TestCa ca_;
  TempDir folder_;
  std::optional<ChildProcess> child_;
};

class OAuth2 : public testing::Test {
 protected:
  config::OAuth2Auth with_secret() const {
    config::OAuth2Auth auth;
    auth.token_url = server_.url("/token");
    auth.client_id = "sl uice";
    auth.client_secret = Secret("p+s%s/w:rd");
    return auth;
  }
  config::OAuth2Auth with_key(JwtAlgorithm algorithm, const std::string& name) const {
    config::OAuth2Auth auth = with_secret();
    auth.client_secret = {};
    auth.private_key = Secret(server_.read(name + ".pem"));
    auth.assertion.algorithm = algorithm;
    auth.assertion.key_id = name;
    return auth;
  }
  config::OAuth2Auth with_refresh_token(const std::string& token) const {
    config::OAuth2Auth auth = with_secret();
    auth.refresh_token = Secret(token);
    auth.store = (dir_.path() / "store").string();
    return auth;
  }

  std::unique_ptr<TokenSource> make(const config::OAuth2Auth& auth) {
    auto source = TokenSource::create(auth, server_.route(), clock_, random_);
    EXPECT_TRUE(source) << source.error().text();
    return source ? std::move(*source) : nullptr;
  }
  TokenStanding tended(const config::OAuth2Auth& auth) {
    const auto source = make(auth);
    source->tend();
    return source->standing();
  }
  static std::string error_in(const TokenStanding& standing) {
    return standing.error ? standing.error->text() : "none";
  }
  std::string error_of(const config::OAuth2Auth& auth) { return error_in(tended(auth)); }

  // What the API says to a request that is signed with the token.
  int status_with(const TokenStanding& standing) {
    const config::Auths auths{config::OAuth2Auth{}};
    const auto signer = auth::make_signer(credentials::with_token(auths, standing.token));
    if (!signer) return 0;
    auth::Signed added;
    (*signer)->sign(auth::outgoing_to(server_.url("/api")), added);
    http::Request request{"GET", server_.url("/api"), {}, {}};
    for (const auto& [name, value] : added.headers) request.headers.push_back({name, value});
    const auto client = http::Client::create(server_.route(), clock_);
    const auto answer = http::ask(**client, std::move(request));
    return answer ? answer->status : 0;
  }

  TokenServer server_;
  TempDir dir_;
  MovedClock clock_;
  SeededRandom random_{1};
};

TEST_F(OAuth2, EveryProofIsGoodForOthers) {
  config::OAuth2Auth post = with_secret();
  post.client_auth = ClientAuth::post;
  config::OAuth2Auth for_issuer = with_key(JwtAlgorithm::es256, "ES256");
  for_issuer.assertion.audience = "https://issuer.example.com";
  for (const config::OAuth2Auth& auth :
       {with_secret(), post, with_key(JwtAlgorithm::rs256, "RS256"),
        with_key(JwtAlgorithm::rs384, "RS384"), with_key(JwtAlgorithm::rs512, "RS512"),
        with_key(JwtAlgorithm::ps256, "PS256"), with_key(JwtAlgorithm::es256, "ES256"),
        with_key(JwtAlgorithm::es384, "ES384"), with_key(JwtAlgorithm::eddsa, "EdDSA"),
        for_issuer}) {
    const TokenStanding standing = tended(auth);
    EXPECT_EQ(error_in(standing), "none") << server_.log().back();
    EXPECT_EQ(status_with(standing), 200);
  }
  EXPECT_THAT(server_.log(), SizeIs(10));
  EXPECT_THAT(server_.log(), Each(HasSubstr(R"("grant_type": "client_credentials")")));
  for (const char* client : {"basic", "post", "RS256", "PS256", "ES384", "EdDSA"}) {
    EXPECT_THAT(server_.log(), Contains(HasSubstr(R"("client": ")" + std::string(client) + "\"")));
  }
}

// No assertion is used twice, and each has its own time.
TEST_F(OAuth2, EveryTokenHasAProofOfItsOwn) {
  const auto source = make(with_key(JwtAlgorithm::es256, "ES256"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(source->tend());
    ASSERT_EQ(error_in(source->standing()), "none") << server_.log().back();
    clock_.advance(hours(1));
  }
  EXPECT_THAT(server_.log(), Each(HasSubstr(R"("status": 200)")));
}

TEST_F(OAuth2, WrongProofsAreRefusedInPlainWords) {
  config::OAuth2Auth secret = with_secret();
  secret.client_secret = Secret("password");
  config::OAuth2Auth key = with_key(JwtAlgorithm::rs256, "RS384");  // that key by another name
  key.assertion.key_id = "RS256";
  config::OAuth2Auth audience = with_key(JwtAlgorithm::eddsa, "EdDSA");
  audience.assertion.audience = "https://other.example.com";
  for (const config::OAuth2Auth& auth : {secret, key, audience}) {
    const std::string error = error_of(auth);
    EXPECT_THAT(error, HasSubstr("answers 401 (invalid_client): it does not know the client"));
    EXPECT_THAT(error, Not(HasSubstr("password")));
  }
}

TEST_F(OAuth2, TheFormSaysWhatTheTokenIsFor) {
  config::OAuth2Auth auth = with_secret();
  auth.scope = "events.write events.read";
  auth.audience = "https://api.example.com/?a=b&c";
  auth.parameters = {{"resource", "\xc3\xa4 + %20"}};
  EXPECT_EQ(error_of(auth), "none");
  const std::string asked = server_.log().back();
  EXPECT_THAT(asked, HasSubstr(R"("scope": "events.write events.read")"));
  EXPECT_THAT(asked, HasSubstr(R"("audience": "https://api.example.com/?a=b&c")"));
  EXPECT_THAT(asked, HasSubstr(R"("resource": "\u00e4 + %20")"));
}

TEST_F(OAuth2, RotatedRefreshTokensAreNeverUsedTwice) {
  const config::OAuth2Auth auth = with_refresh_token("refresh-0");
  for (int process = 0; process < 2; ++process) {
    const auto source = make(auth);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(source->tend());
      ASSERT_EQ(error_in(source->standing()), "none") << server_.log().back();
      EXPECT_EQ(status_with(source->standing()), 200);
      clock_.advance(hours(1));
    }
  }
  EXPECT_THAT(server_.log(), SizeIs(6));
  EXPECT_THAT(server_.log(), Each(HasSubstr(R"("status": 200)")));
  // Without the store the token of the configuration is one that was used: the judge can tell.
  std::filesystem::remove(auth.store);
  EXPECT_THAT(error_of(auth), HasSubstr("answers 400 (invalid_grant): it does not take the refresh "
                                        "token (any more)"));
  EXPECT_THAT(server_.log().back(), HasSubstr(R"("refused": "reuse")"));
}

TEST_F(OAuth2, AStoreThatAnotherProcessHoldsIsRefused) {
  const config::OAuth2Auth auth = with_refresh_token("refresh-0");
  const auto held = dir_.path() / "held";
  ChildProcess owner({.argv = {"python3", "-c",
                               "import fcntl, sys, time\n"
                               "lock = open(sys.argv[1], 'w')\n"
                               "fcntl.flock(lock, fcntl.LOCK_EX)\n"
                               "open(sys.argv[2], 'w')\n"
                               "time.sleep(600)",
                               auth.store + ".lock", held.string()},
                      .env = {},
                      .out_file = dir_.path() / "out",
                      .err_file = dir_.path() / "out"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(held); }, seconds(30)));
  const auto refused = TokenSource::create(auth, server_.route(), clock_, random_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr(auth.store + " is in use: one process alone"));
  owner.signal(SIGKILL);
  owner.wait(seconds(30));
  EXPECT_EQ(error_of(auth), "none");  // a lock dies with its owner, however that ends
}

TEST_F(OAuth2, BadAnswersAreToldAndATokenOutlivesThem) {
  const auto source = make(with_secret());
  ASSERT_TRUE(source->tend());
  const TokenStanding first = source->standing();
  const std::pair<const char*, const char*> faults[] = {
      {"500", "answers 500; see to the token server"},
      {"no_token", "answers without an access_token"},
      {"negative_life", "answers with a token that has no time left"},
      {"odd_life", "answers with an expires_in that is no number of seconds"},
      {"mac", "answers with a token_type other than Bearer"},
      {"html", "answers 200, but not with a JSON object; correct token_url"},
      {"html_404", "answers 404: there is no token server at that path; correct token_url"},
      {"invalid_client", "answers 400 (invalid_client): it does not know the client"}};
  clock_.advance(std::chrono::minutes(48));
  for (const auto& [mode, words] : faults) {
    server_.write("mode", mode);
    ASSERT_TRUE(source->tend()) << mode;
    const TokenStanding standing = source->standing();
    ASSERT_TRUE(standing.error) << mode;
    EXPECT_THAT(standing.error->text(), HasSubstr(words));
    EXPECT_EQ(standing.fingerprint, first.fingerprint);
    EXPECT_TRUE(standing.good_at(clock_.now()));
    EXPECT_EQ(status_with(standing), 200);
    clock_.advance(seconds(60));
  }
  server_.write("mode", "ok");
  ASSERT_TRUE(source->tend());
  EXPECT_EQ(error_in(source->standing()), "none");
  EXPECT_NE(source->standing().fingerprint, first.fingerprint);
}

TEST_F(OAuth2, ALifeThatIsNotToldOrInQuotesIsTaken) {
  server_.write("mode", "no_life");
  EXPECT_EQ(tended(with_secret()).expires_at, std::nullopt);
  server_.write("mode", "life_in_quotes");
  const TokenStanding standing = tended(with_secret());
  ASSERT_TRUE(standing.expires_at);
  EXPECT_NEAR(static_cast<double>((*standing.expires_at - standing.fetched_at) / seconds(1)), 1800,
              60);
}

TEST_F(OAuth2, AServerThatNobodyHasSignedIsNotAsked) {
  const auto source = TokenSource::create(with_secret(), {}, clock_, random_);
  ASSERT_TRUE(source);
  (*source)->tend();
  EXPECT_THAT((*source)->standing().error.value().text(), HasSubstr("gives no answer: "));
  EXPECT_THAT(server_.log(), SizeIs(0));
}

}  // namespace
}  // namespace sluice::test
