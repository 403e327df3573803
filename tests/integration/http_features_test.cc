// The HTTP client against servers and proxies that others have written: nghttpd, tinyproxy,
// microsocks.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/probe.h"
#include "support/eventually.h"
#include "support/process.h"
#include "unit/http/client_harness.h"
#include "unit/http/pem_files.h"

namespace sluice::http {
namespace {

using test::ChildProcess;
using test::TestCa;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kBodyBytes = 390'000;

// Free a moment ago.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool found =
      ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
  ::close(socket);
  if (!found) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

class HttpFeatures : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return files_.folder() + "/" + name; }

  // Returns when something listens on `port`.
  void start(std::optional<ChildProcess>& child, std::uint16_t port,
             std::vector<std::string> arguments) {
    child.emplace(ChildProcess::Options{
        .argv = std::move(arguments), .env = {}, .out_file = file("out"), .err_file = file("out")});
    const std::string url = "http://127.0.0.1:" + std::to_string(port);
    const auto listens = [&] { return probe(url, {}, clock_).has_value(); };
    ASSERT_TRUE(test::eventually(listens, std::chrono::seconds(10))) << test::tail_of(file("out"));
  }

  // An HTTP/2 server, and nothing but that, which sends bodies back.
  std::string start_http2_server(bool tls, std::uint16_t port = free_port()) {
    std::vector<std::string> arguments{"nghttpd", "-v", "--echo-upload"};
    if (!tls) arguments.emplace_back("--no-tls");
    arguments.push_back(std::to_string(port));
    if (tls) {
      const auto identity = ca_.issue("127.0.0.1");
      arguments.push_back(files_.write("server.key", identity.key));
      arguments.push_back(files_.write("server.pem", identity.cert));
    }
    start(server_, port, arguments);
    return (tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port) + "/";
  }

  // The connections that nghttpd had, but for the one that start() made.
  std::size_t connections() const {
    std::set<std::string> ids;
    std::istringstream lines(test::read_file(file("out")));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("[id=") && line.find("recv HEADERS") != line.npos) {
        ids.insert(line.substr(0, line.find(']')));
      }
    }
    return ids.size();
  }

  Proxy start_http_proxy(std::uint16_t allowed) {
    const std::uint16_t port = free_port();
    const std::string config = files_.write(
        "tinyproxy.conf", "Listen 127.0.0.1\nPort " + std::to_string(port) +
                              "\nTimeout 60\nMaxClients 50\nBasicAuth bob proxy-password\n" +
                              "ConnectPort " + std::to_string(allowed) + "\n");
    start(proxy_, port, {"tinyproxy", "-d", "-c", config});
    return {"http://127.0.0.1:" + std::to_string(port), "bob", "proxy-password"};
  }

  // "socks5://", or with another scheme.
  Proxy start_socks_proxy(const std::string& scheme) {
    const std::uint16_t port = free_port();
    start(proxy_, port,
          {"microsocks", "-i", "127.0.0.1", "-p", std::to_string(port), "-u", "bob", "-P",
           "proxy-password"});
    return {scheme + "://127.0.0.1:" + std::to_string(port), "bob", "proxy-password"};
  }

  ClientOptions trusting(Version version = Version::automatic) const {
    ClientOptions options;
    options.version = version;
    options.tls.ca = files_.write("ca.pem", ca_.pem());
    return options;
  }

  // Bodies of their own come back to each of `count` requests that are sent at once.
  static void expect_echoes(const ClientOptions& options, const std::string& url,
                            std::size_t count) {
    const auto client = make_client(options);
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < count; ++i) {
      bodies.push_back(std::to_string(i) +
                       std::string(kBodyBytes, static_cast<char>('a' + i % 26)));
    }
    const RequestId first = client->send(post(url, bodies[0]));
    for (std::size_t i = 1; i < count; ++i) client->send(post(url, bodies[i]));
    for (const Completion& completion : poll_until(*client, count)) {
      ASSERT_TRUE(completion.result.has_value()) << completion.result.error().detail;
      EXPECT_EQ(completion.result->status, 200);
      EXPECT_TRUE(completion.result->body == bodies[completion.id - first]);
    }
  }

  SystemClock clock_;
  TestCa ca_;
  PemFiles files_;
  std::optional<ChildProcess> server_;
  std::optional<ChildProcess> proxy_;
};

TEST_F(HttpFeatures, Http2IsSpokenWhereTlsAgreesOnIt) {
  const std::string url = start_http2_server(true);
  expect_echoes(trusting(), url, 50);
  EXPECT_LE(connections(), 8U);
}

TEST_F(HttpFeatures, Http2RequestsShareAConnectionThatIsThere) {
  const std::string url = start_http2_server(true);
  const auto client = make_client(trusting());
  const std::string body(kBodyBytes, 'x');
  answer_to(*client, post(url, body));
  for (int i = 0; i < 30; ++i) client->send(post(url, body));
  for (const Completion& completion : poll_until(*client, 30)) {
    EXPECT_TRUE(completion.result.has_value());
  }
  EXPECT_EQ(connections(), 1U);
}

TEST_F(HttpFeatures, Http2IsSpokenWithoutAskingFirst) {
  expect_echoes(trusting(Version::v2), start_http2_server(true), 20);
  expect_echoes(trusting(Version::v2), start_http2_server(false), 20);
}

TEST_F(HttpFeatures, Http2IsNotOfferedWhereOnlyHttp1Is) {
  const auto client = make_client(trusting(Version::v1_1));
  EXPECT_NE(error_of(*client, post(start_http2_server(true))).detail, "");
}

TEST_F(HttpFeatures, AnHttp2ServerThatDiedIsFoundAgainWhenItIsBack) {
  const std::uint16_t port = free_port();
  const std::string url = start_http2_server(true, port);
  const auto client = make_client(trusting());
  answer_to(*client, post(url));
  server_.reset();
  EXPECT_EQ(error_of(*client, post(url)).kind, TransportErrorKind::connect);
  start_http2_server(true, port);
  EXPECT_EQ(answer_to(*client, post(url)).status, 200);
}

TEST_F(HttpFeatures, AProxyConnectsToATargetOfHttpsAndIsNotSeenInItsAnswer) {
  ScriptedServer target([](const SeenRequest&) { return Reply{.headers = {{"X-Target", "1"}}}; },
                        {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1")}});
  ClientOptions options = trusting();
  options.proxy = start_http_proxy(target.port());
  const auto client = make_client(options);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = answer_to(*client, post(target.url() + "/"));
    EXPECT_EQ(answer.status, 200);
    ASSERT_EQ(answer.headers.size(), 2U);
    EXPECT_EQ(answer.headers[0].name, "x-target");
  }
  EXPECT_EQ(target.connection_count(), 1U);
  EXPECT_EQ(target.requests().at(0).header("proxy-authorization"), nullptr);
}

TEST_F(HttpFeatures, AProxyHandsOnRequestsInClear) {
  ScriptedServer target([](const SeenRequest&) { return Reply{}; });
  ClientOptions options;
  options.proxy = start_http_proxy(target.port());
  const auto client = make_client(options);
  EXPECT_EQ(answer_to(*client, post(target.url() + "/events")).status, 200);
  EXPECT_EQ(target.requests().at(0).path, "/events");
  EXPECT_NE(target.requests().at(0).header("via"), nullptr);
}

TEST_F(HttpFeatures, AProxyThatRefusesIsATransportErrorWithItsStatus) {
  ScriptedServer target([](const SeenRequest&) { return Reply{}; },
                        {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1")}});
  ClientOptions options = trusting();
  options.proxy = start_http_proxy(target.port());
  const auto elsewhere = make_client(options);
  EXPECT_THAT(error_of(*elsewhere, post("https://127.0.0.1:1/")).detail,
              HasSubstr("the proxy answered 403: "));
  options.proxy->user.clear();
  const auto stranger = make_client(options);
  EXPECT_THAT(error_of(*stranger, post(target.url() + "/")).detail,
              HasSubstr("the proxy answered 407: it wants the right proxy.user"));
  options.proxy->user = "bob";
  options.proxy->password = "guess";
  const auto guessing = make_client(options);
  const TransportError error = error_of(*guessing, post(target.url() + "/"));
  EXPECT_EQ(error.kind, TransportErrorKind::connect);
  EXPECT_THAT(error.detail, HasSubstr("it wants the right proxy.user and proxy.password"));
  EXPECT_THAT(error.detail, Not(HasSubstr("guess")));
  EXPECT_EQ(target.request_count(), 0U);
}

TEST_F(HttpFeatures, Http2GoesThroughAProxyInTlsAndInClear) {
  for (const bool tls : {true, false}) {
    const std::string url = start_http2_server(tls);
    ClientOptions options = trusting(tls ? Version::automatic : Version::v2);
    const auto port = std::stoi(url.substr(url.rfind(':') + 1));
    options.proxy = start_http_proxy(static_cast<std::uint16_t>(port));
    expect_echoes(options, url, 10);
  }
}

TEST_F(HttpFeatures, ASocksProxyConnectsToEveryTarget) {
  ScriptedServer clear([](const SeenRequest&) { return Reply{}; });
  ScriptedServer secure([](const SeenRequest&) { return Reply{}; },
                        {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1")}});
  for (const std::string scheme : {"socks5", "socks5h"}) {
    ClientOptions options = trusting();
    options.proxy = start_socks_proxy(scheme);
    const auto client = make_client(options);
    EXPECT_EQ(answer_to(*client, post(clear.url() + "/")).status, 200);
    EXPECT_EQ(answer_to(*client, post(secure.url() + "/")).status, 200);
    options.proxy->password = "guess";
    const auto guessing = make_client(options);
    const TransportError error = error_of(*guessing, post(secure.url() + "/"));
    EXPECT_EQ(error.kind, TransportErrorKind::connect);
    EXPECT_THAT(error.detail, Not(HasSubstr("guess")));
  }
}

TEST_F(HttpFeatures, AProbeGoesThroughTheProxy) {
  const std::string url = start_http2_server(true);
  ClientOptions options = trusting();
  EXPECT_TRUE(probe(url, options, clock_).has_value());
  const auto port = std::stoi(url.substr(url.rfind(':') + 1));
  options.proxy = start_http_proxy(static_cast<std::uint16_t>(port));
  const auto through = probe(url, options, clock_);
  ASSERT_TRUE(through.has_value()) << through.error().detail;
  EXPECT_TRUE(through->certificate_expires.has_value());
  EXPECT_EQ("http://" + through->address, options.proxy->url);
  options.proxy = start_socks_proxy("socks5h");
  EXPECT_TRUE(probe(url, options, clock_).has_value());
  options.proxy->password = "guess";
  EXPECT_EQ(probe(url, options, clock_).error().kind, TransportErrorKind::connect);
}

}  // namespace
}  // namespace sluice::http
