#include "http/transport_error.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace sluice::http {
namespace {

using Kind = TransportErrorKind;

TEST(TransportError, MapsEveryCodeThatSaysSomething) {
  const std::vector<std::tuple<CURLcode, Phase, Kind>> table{
      {CURLE_COULDNT_RESOLVE_HOST, Phase::resolving, Kind::resolve},
      {CURLE_COULDNT_CONNECT, Phase::connecting, Kind::connect},
      {CURLE_COULDNT_RESOLVE_PROXY, Phase::resolving, Kind::resolve},
      {CURLE_PROXY, Phase::connecting, Kind::connect},
      {CURLE_OPERATION_TIMEDOUT, Phase::resolving, Kind::resolve},
      {CURLE_OPERATION_TIMEDOUT, Phase::connecting, Kind::connect},
      {CURLE_OPERATION_TIMEDOUT, Phase::exchanging, Kind::timeout},
      {CURLE_SSL_CONNECT_ERROR, Phase::connecting, Kind::tls},
      {CURLE_PEER_FAILED_VERIFICATION, Phase::connecting, Kind::tls},
      {CURLE_SSL_CERTPROBLEM, Phase::connecting, Kind::tls},
      {CURLE_SSL_CIPHER, Phase::connecting, Kind::tls},
      {CURLE_SSL_CACERT_BADFILE, Phase::connecting, Kind::tls},
      {CURLE_SSL_CLIENTCERT, Phase::connecting, Kind::tls},
      {CURLE_HTTP2, Phase::exchanging, Kind::reset},
      {CURLE_HTTP2_STREAM, Phase::exchanging, Kind::reset},
      {CURLE_SEND_ERROR, Phase::exchanging, Kind::reset},
      {CURLE_RECV_ERROR, Phase::exchanging, Kind::reset},
      {CURLE_GOT_NOTHING, Phase::exchanging, Kind::reset},
      {CURLE_PARTIAL_FILE, Phase::exchanging, Kind::reset},
      {CURLE_WEIRD_SERVER_REPLY, Phase::exchanging, Kind::protocol},
      {CURLE_UNSUPPORTED_PROTOCOL, Phase::exchanging, Kind::protocol},
      {CURLE_UNSUPPORTED_PROTOCOL, Phase::resolving, Kind::other},
      {CURLE_URL_MALFORMAT, Phase::resolving, Kind::other},
      {CURLE_OUT_OF_MEMORY, Phase::exchanging, Kind::other},
  };
  for (const auto& [code, phase, kind] : table) {
    EXPECT_EQ(kind_of(code, phase), kind) << curl_easy_strerror(code);
  }
}

TEST(TransportError, HasTheseNames) {
  const std::vector<std::pair<Kind, std::string>> names{
      {Kind::resolve, "resolve"},     {Kind::connect, "connect"}, {Kind::tls, "tls"},
      {Kind::timeout, "timeout"},     {Kind::reset, "reset"},     {Kind::protocol, "protocol"},
      {Kind::too_large, "too_large"}, {Kind::other, "other"},
  };
  for (const auto& [kind, name] : names) EXPECT_EQ(to_string(kind), name);
}

TEST(TransportError, SaysWhatLibcurlLeavesUnsaidOfTls) {
  EXPECT_EQ(tls_detail("SSL certificate problem: certificate has expired"),
            "SSL certificate problem: certificate has expired");
  EXPECT_EQ(tls_detail("SSL certificate problem: self-signed certificate"),
            "SSL certificate problem: self-signed certificate; no CA that is trusted here has "
            "signed it (tls.ca names others)");
  EXPECT_EQ(tls_detail("error:0A00010B:SSL routines::wrong version number"),
            "error:0A00010B:SSL routines::wrong version number; the other side does not speak TLS "
            "on this port");
  EXPECT_EQ(tls_detail("OpenSSL SSL_read: OpenSSL/3.0: error:0A00045C:SSL routines::tlsv13 alert "
                       "certificate required, errno 0"),
            "the other side ended TLS: certificate required; it wants a client certificate that it "
            "trusts (tls.cert and tls.key)");
  EXPECT_EQ(tls_detail("error:0A00042E:SSL routines::tlsv1 alert protocol version"),
            "the other side ended TLS: protocol version");
}

TEST(TransportError, PresentsOneShortLineWithoutQueries) {
  EXPECT_EQ(presentable("Recv failure: Connection reset by peer"),
            "Recv failure: Connection reset by peer");
  EXPECT_EQ(presentable("a\r\nb\tc\x1b[1m\xc3\xa9"), "abc[1m");
  EXPECT_EQ(presentable("cannot use http://h/p?api_key=hush here"), "cannot use http://h/p here");
  EXPECT_EQ(presentable(std::string(1000, 'x')).size(), 256U);
}

}  // namespace
}  // namespace sluice::http
