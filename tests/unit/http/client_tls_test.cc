#include <gmock/gmock.h>

#include "unit/http/client_harness.h"
#include "unit/http/pem_files.h"

namespace sluice::http {
namespace {

using test::TestCa;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

Reply ok(const SeenRequest&) { return {}; }

class ClientTls : public testing::Test {
 protected:
  // Trusts `ca_` and nobody else.
  ClientOptions trusting() const {
    ClientOptions options;
    options.tls.ca = files_.write("ca.pem", ca_.pem());
    return options;
  }
  TransportError error_from(ScriptedServer& server, const ClientOptions& options) const {
    const auto client = make_client(options);
    TransportError error = error_of(*client, post(server.url() + "/"));
    EXPECT_EQ(server.request_count(), 0U);
    return error;
  }

  TestCa ca_;
  PemFiles files_;
};

TEST_F(ClientTls, SendsNothingToACertificateItDoesNotTrust) {
  for (const bool only_1_2 : {false, true}) {
    ScriptedServer server(ok, {.tls = TlsOptions{.only_1_2 = only_1_2}});
    const TransportError error = error_from(server, {});
    EXPECT_EQ(error.kind, TransportErrorKind::tls);
    EXPECT_THAT(error.detail, HasSubstr("no CA that is trusted here has signed it"));
  }
}

TEST_F(ClientTls, SpeaksNoOldTlsWhenToldSo) {
  ScriptedServer server(ok, {.tls = TlsOptions{.only_1_2 = true}});
  ClientOptions options;
  options.tls.only_1_3 = true;
  const TransportError error = error_from(server, options);
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, Not(HasSubstr("certificate")));
}

TEST_F(ClientTls, SendsToACertificateThatTheGivenCaHasSigned) {
  ScriptedServer server(ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1")}});
  const auto client = make_client(trusting());
  const std::string body(390'000, 'x');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer_to(*client, post(server.url() + "/", body)).status, 200);
  }
  EXPECT_TRUE(server.requests().at(2).body == body);
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST_F(ClientTls, TakesAllTheConnectionsItMayWhereTheServerSpeaksNoHttp2) {
  ScriptedServer server([](const SeenRequest&) { return Reply{.fault = Fault::hang}; },
                        {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1")}});
  ClientOptions options = trusting();
  options.connections = 4;
  const auto client = make_client(options);
  for (int i = 0; i < 5; ++i) client->send(post(server.url() + "/"));
  poll_until_seen(*client, server, 4);
  EXPECT_EQ(server.connection_count(), 4U);
}

TEST_F(ClientTls, WaitsForEachConnectionAloneWhenNoneComesAbout) {
  ScriptedServer server(ok);  // without TLS: waits for the end of a request that never ends
  ClientOptions options;
  options.connect_timeout = 400ms;
  const auto client = make_client(options);
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  for (int i = 0; i < 8; ++i) client->send(post(url));
  for (const Completion& completion : poll_until(*client, 8)) {
    EXPECT_EQ(completion.result.error().kind, TransportErrorKind::connect);
    EXPECT_LT(completion.elapsed, 8 * 400ms);  // less than the sum of all
  }
}

TEST_F(ClientTls, TrustsOnlyTheGivenCa) {
  const TestCa other;
  ScriptedServer server(ok, {.tls = TlsOptions{.identity = other.issue("127.0.0.1")}});
  const TransportError error = error_from(server, trusting());
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, HasSubstr("no CA that is trusted here has signed it"));
}

TEST_F(ClientTls, SaysThatACertificateHasExpired) {
  ScriptedServer server(ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1", -1h)}});
  const TransportError error = error_from(server, trusting());
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, HasSubstr("certificate has expired"));
}

TEST_F(ClientTls, SaysThatACertificateIsForAnotherHost) {
  ScriptedServer server(ok, {.tls = TlsOptions{.identity = ca_.issue("other.example.com")}});
  const TransportError error = error_from(server, trusting());
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, AnyOf(HasSubstr("does not match"), HasSubstr("no alternative")));
  EXPECT_THAT(error.detail, HasSubstr("127.0.0.1"));
}

TEST_F(ClientTls, ShowsItsCertificateToAServerThatAsks) {
  ScriptedServer server(
      ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1"), .client_ca = ca_.pem()}});
  ClientOptions options = trusting();
  files_.add(ca_.issue("sluice"), options.tls);
  const auto client = make_client(options);
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 200);
}

TEST_F(ClientTls, SaysThatTheServerAsksForACertificate) {
  for (const bool only_1_2 : {false, true}) {
    ScriptedServer server(ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1"),
                                                 .client_ca = ca_.pem(),
                                                 .only_1_2 = only_1_2}});
    const TransportError error = error_from(server, trusting());
    EXPECT_EQ(error.kind, TransportErrorKind::tls);
    // TLS 1.2 has no alert of its own for it.
    EXPECT_THAT(error.detail, HasSubstr(only_1_2 ? "handshake failure"
                                                 : "it wants a client certificate that it trusts"));
  }
}

TEST_F(ClientTls, SaysThatTheServerDoesNotTrustOurCertificate) {
  ScriptedServer server(
      ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1"), .client_ca = ca_.pem()}});
  ClientOptions options = trusting();
  files_.add(TestCa().issue("sluice"), options.tls);
  const TransportError error = error_from(server, options);
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, HasSubstr("unknown ca; it wants a client certificate that it trusts"));
}

TEST_F(ClientTls, ReadsItsFilesOnceWhenItIsMade) {
  ScriptedServer server(
      ok, {.tls = TlsOptions{.identity = ca_.issue("127.0.0.1"), .client_ca = ca_.pem()}});
  ClientOptions options = trusting();
  files_.add(ca_.issue("sluice"), options.tls);
  const auto client = make_client(options);
  for (const auto* path : {&*options.tls.ca, &*options.tls.cert, &*options.tls.key}) {
    ASSERT_TRUE(std::filesystem::remove(*path));
  }
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 200);
}

}  // namespace
}  // namespace sluice::http
