// A proxy that says no. One that says yes: tests/integration/http_features_test.cc.
#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "unit/http/client_harness.h"
#include "unit/http/pem_files.h"

namespace sluice::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecureTarget = "https://api.example.com/events?key=hush";
constexpr const char* kClearTarget = "http://api.example.com/events";

ScriptedServer::Handler answering(const Reply& reply) {
  return [reply](const SeenRequest&) { return reply; };
}

ClientOptions through(const std::string& proxy) {
  ClientOptions options;
  options.proxy = Proxy{proxy, "bob", "proxy-password"};
  return options;
}

TEST(ClientProxy, IsAskedToConnectToATargetOfHttpsAndToldNoMore) {
  ScriptedServer proxy(answering({.status = 403}));
  const auto client = make_client(through(proxy.url()));
  Request request = post(kSecureTarget, "[\"payload\"]");
  request.headers.push_back({"Authorization", "Bearer secret-token"});
  error_of(*client, std::move(request));
  const SeenRequest seen = proxy.requests().at(0);
  EXPECT_EQ(seen.method, "CONNECT");
  EXPECT_EQ(seen.path, "api.example.com:443");
  ASSERT_NE(seen.header("proxy-authorization"), nullptr);
  EXPECT_EQ(*seen.header("proxy-authorization"), "Basic Ym9iOnByb3h5LXBhc3N3b3Jk");
  EXPECT_THAT(seen.raw_head, AllOf(Not(HasSubstr("secret-token")), Not(HasSubstr("hush"))));
  EXPECT_EQ(seen.body, "");
}

TEST(ClientProxy, IsHandedARequestInClear) {
  ScriptedServer proxy(answering({.body = "ok"}));
  const auto client = make_client(through(proxy.url()));
  EXPECT_EQ(answer_to(*client, post(kClearTarget, "[1]")).body, "ok");
  const SeenRequest seen = proxy.requests().at(0);
  EXPECT_EQ(seen.path, kClearTarget);
  EXPECT_NE(seen.header("proxy-authorization"), nullptr);
  EXPECT_EQ(seen.body, "[1]");
}

TEST(ClientProxy, IsToldNoUserWhereNoneIsGiven) {
  ScriptedServer proxy(answering({}));
  ClientOptions options;
  options.proxy = Proxy{proxy.url(), "", ""};
  const auto client = make_client(options);
  answer_to(*client, post(kClearTarget));
  EXPECT_EQ(proxy.requests().at(0).header("proxy-authorization"), nullptr);
}

TEST(ClientProxy, ThatRefusesToConnectIsNoAnswerOfTheTarget) {
  const std::vector<std::pair<int, std::string>> refusals{
      {407, "the proxy answered 407: it wants the right proxy.user and proxy.password"},
      {401, "the proxy answered 401: it wants the right proxy.user and proxy.password"},
      {403, "the proxy answered 403: it does not let us through to this host and port"},
      {502, "the proxy answered 502: it made no connection to the target"},
  };
  for (const auto& [status, detail] : refusals) {
    ScriptedServer proxy(answering({.status = status, .body = "go away"}));
    const auto client = make_client(through(proxy.url()));
    const TransportError error = error_of(*client, post(kSecureTarget));
    EXPECT_EQ(error.kind, TransportErrorKind::connect);
    EXPECT_EQ(error.detail, detail);
  }
}

TEST(ClientProxy, ThatWantsAUserForARequestInClearIsNoAnswerOfTheTarget) {
  ScriptedServer proxy(
      answering({.status = 407, .headers = {{"Proxy-Authenticate", "Basic realm=\"x\""}}}));
  const auto client = make_client(through(proxy.url()));
  const TransportError error = error_of(*client, post(kClearTarget));
  EXPECT_EQ(error.kind, TransportErrorKind::connect);
  EXPECT_THAT(error.detail, HasSubstr("the proxy answered 407"));
  EXPECT_EQ(proxy.request_count(), 1U);
}

TEST(ClientProxy, ThatRefusedOneRequestIsNotBlamedForTheNext) {
  ScriptedServer proxy(answering({.status = 407}));
  const auto client = make_client(through(proxy.url()));
  error_of(*client, post(kSecureTarget));
  proxy.stop();
  const TransportError error = error_of(*client, post(kSecureTarget));
  EXPECT_EQ(error.kind, TransportErrorKind::connect);
  EXPECT_THAT(error.detail, Not(HasSubstr("answered")));  // a port may have any number in it
}

TEST(ClientProxy, ThatDoesNotConnectInTimeIsAConnectError) {
  ScriptedServer proxy(answering({.fault = Fault::hang}));
  ClientOptions options = through(proxy.url());
  options.connect_timeout = 60ms;
  const auto client = make_client(options);
  EXPECT_EQ(error_of(*client, post(kSecureTarget)).kind, TransportErrorKind::connect);
}

TEST(ClientProxy, ThatCannotBeReachedIsAnErrorOfItsOwn) {
  ScriptedServer proxy(answering({}));
  proxy.stop();
  const auto client = make_client(through(proxy.url()));
  EXPECT_EQ(error_of(*client, post(kSecureTarget)).kind, TransportErrorKind::connect);
  const auto lost = make_client(through("http://nonexistent.invalid:8080"));
  EXPECT_EQ(error_of(*lost, post(kSecureTarget)).kind, TransportErrorKind::resolve);
}

TEST(ClientProxy, ThatSpeaksNoSocksIsAConnectError) {
  ScriptedServer proxy(answering({.fault = Fault::garbage}));
  for (const std::string scheme : {"socks5", "socks5h"}) {
    ClientOptions options = through(scheme + "://127.0.0.1:" + std::to_string(proxy.port()));
    options.connect_timeout = 60ms;
    const auto client = make_client(options);
    EXPECT_EQ(error_of(*client, post("https://127.0.0.1/")).kind, TransportErrorKind::connect);
  }
}

TEST(ClientProxy, OfHttpsIsSpokenToInTlsUnderTheSameCa) {
  const test::TestCa ca;
  const PemFiles files;
  ScriptedServer proxy(answering({.body = "ok"}),
                       {.tls = TlsOptions{.identity = ca.issue("127.0.0.1")}});
  ClientOptions options = through(proxy.url());
  const auto suspicious = make_client(options);
  EXPECT_EQ(error_of(*suspicious, post(kClearTarget)).kind, TransportErrorKind::tls);
  options.tls.ca = files.write("ca.pem", ca.pem());
  const auto client = make_client(options);
  EXPECT_EQ(answer_to(*client, post(kClearTarget)).body, "ok");
}

TEST(ClientProxy, ItsCredentialsAreInNoError) {
  ScriptedServer refusing(answering({.status = 407}));
  ScriptedServer stopped(answering({}));
  stopped.stop();
  for (const std::string& url :
       {refusing.url(), stopped.url(), std::string("http://nonexistent.invalid:1"),
        std::string("http://bad host:1"), std::string("gopher://127.0.0.1:1")}) {
    const auto client = make_client(through(url));
    EXPECT_THAT(error_of(*client, post(kSecureTarget)).detail,
                AllOf(Not(HasSubstr("bob")), Not(HasSubstr("proxy-password"))))
        << url;
  }
}

TEST(ClientProxy, IsUsedWhateverTheEnvironmentExempts) {
  ScriptedServer proxy(answering({}));
  ASSERT_EQ(::setenv("no_proxy", "*", 1), 0);
  const auto client = make_client(through(proxy.url()));
  const Completion completion = exchange(*client, post(kClearTarget));
  ::unsetenv("no_proxy");
  EXPECT_TRUE(completion.result.has_value());
  EXPECT_EQ(proxy.request_count(), 1U);
}

}  // namespace
}  // namespace sluice::http
