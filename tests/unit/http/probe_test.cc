#include "http/probe.h"

#include <gmock/gmock.h>

#include <string>

#include "unit/http/client_harness.h"
#include "unit/http/pem_files.h"

namespace sluice::http {
namespace {

using test::TestCa;
using testing::AnyOf;
using testing::HasSubstr;

Reply ok(const SeenRequest&) { return {}; }

class Probe : public testing::Test {
 protected:
  ClientOptions trusting() const {
    ClientOptions options;
    options.tls.ca = files_.write("ca.pem", ca_.pem());
    return options;
  }
  TransportError error_of_probe(const std::string& url, const ClientOptions& options) const {
    auto result = probe(url, options, clock_);
    if (!result) return std::move(result.error());
    ADD_FAILURE() << "reached " << result->address;
    return {};
  }
  std::string error_of_tls(const TlsOptions& tls, const ClientOptions& options) const {
    ScriptedServer server(ok, {.tls = tls});
    const TransportError error = error_of_probe(server.url(), options);
    EXPECT_EQ(error.kind, TransportErrorKind::tls);
    return error.detail;
  }

  SystemClock clock_;
  TestCa ca_;
  PemFiles files_;
};

TEST_F(Probe, ReachesAServerWithoutASingleRequest) {
  ScriptedServer server(ok);
  const auto result = probe(server.url() + "/path?key=x", {}, clock_);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->address, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_FALSE(result->tls);
  EXPECT_FALSE(result->certificate_expires.has_value());
  EXPECT_GT(result->took, 0s);
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(Probe, DescribesTheCertificate) {
  ScriptedServer server(ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1", 48h)}});
  const auto result = probe(server.url(), trusting(), clock_);
  ASSERT_TRUE(result.has_value()) << result.error().detail;
  EXPECT_TRUE(result->tls);
  EXPECT_THAT(result->certificate_subject, HasSubstr("127.0.0.1"));
  ASSERT_TRUE(result->certificate_expires.has_value());
  const auto left = *result->certificate_expires - clock_.wall_now();
  EXPECT_GT(left, 47h);
  EXPECT_LE(left, 48h);
  EXPECT_EQ(server.request_count(), 0U);
}

TEST_F(Probe, SaysWhatIsWrongWithACertificate) {
  EXPECT_THAT(error_of_tls({.identity = ca_.issue("127.0.0.1", -1h)}, trusting()),
              HasSubstr("certificate has expired"));
  EXPECT_THAT(error_of_tls({.identity = ca_.issue("other.example.com")}, trusting()),
              AnyOf(HasSubstr("does not match"), HasSubstr("no alternative")));
  EXPECT_THAT(error_of_tls({.identity = TestCa().issue("127.0.0.1")}, trusting()),
              HasSubstr("no CA that is trusted here has signed it"));
}

TEST_F(Probe, HearsThatTheServerWantsACertificate) {
  const TlsOptions demanding{.identity = ca_.issue("127.0.0.1"), .client_ca = ca_.pem()};
  EXPECT_THAT(error_of_tls(demanding, trusting()),
              HasSubstr("it wants a client certificate that it trusts"));
  ScriptedServer server(ok, {.tls = demanding});
  ClientOptions options = trusting();
  files_.add(ca_.issue("sluice"), options.tls);
  EXPECT_TRUE(probe(server.url(), options, clock_).has_value());
}

TEST_F(Probe, TakesNoLongerThanAConnectionMay) {
  ScriptedServer server(ok);  // without TLS: waits for the end of a request that never ends
  ClientOptions options;
  options.connect_timeout = 60ms;
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(error_of_probe(url, options).kind, TransportErrorKind::connect);
}

TEST_F(Probe, NamesATlsFileThatCannotBeUsed) {
  ClientOptions options;
  options.tls.ca = "/nonexistent/ca.pem";
  const TransportError error = error_of_probe("https://127.0.0.1/", options);
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, HasSubstr("cannot read the CA file /nonexistent/ca.pem"));
}

TEST_F(Probe, SaysThatNobodyListensOrThatThereIsNoSuchHost) {
  ScriptedServer server(ok);
  const std::string url = server.url();
  server.stop();
  EXPECT_EQ(error_of_probe(url, {}).kind, TransportErrorKind::connect);
  EXPECT_EQ(error_of_probe("http://nonexistent.invalid/", {}).kind, TransportErrorKind::resolve);
}

TEST_F(Probe, HearsTheProxysRefusal) {
  ScriptedServer proxy([](const SeenRequest&) { return Reply{.status = 407}; });
  ClientOptions options;
  options.proxy = Proxy{proxy.url(), "", ""};
  const TransportError error = error_of_probe("https://api.example.com/", options);
  EXPECT_EQ(error.kind, TransportErrorKind::connect);
  EXPECT_THAT(error.detail, HasSubstr("the proxy answered 407"));
  EXPECT_EQ(proxy.requests().at(0).method, "CONNECT");
}

}  // namespace
}  // namespace sluice::http
