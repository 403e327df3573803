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
      {CURLE_OPERATION_TIMEDOUT, Phase::resolving, Kind::resolve},
      {CURLE_OPERATION_TIMEDOUT, Phase::connecting, Kind::connect},
      {CURLE_OPERATION_TIMEDOUT, Phase::exchanging, Kind::timeout},
      {CURLE_SSL_CONNECT_ERROR, Phase::connecting, Kind::tls},
      {CURLE_PEER_FAILED_VERIFICATION, Phase::connecting, Kind::tls},
      {CURLE_SSL_CERTPROBLEM, Phase::connecting, Kind::tls},
      {CURLE_SSL_CIPHER, Phase::connecting, Kind::tls},
      {CURLE_SSL_CACERT_BADFILE, Phase::connecting, Kind::tls},
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

TEST(TransportError, PresentsOneShortLineWithoutQueries) {
  EXPECT_EQ(presentable("Recv failure: Connection reset by peer"),
            "Recv failure: Connection reset by peer");
  EXPECT_EQ(presentable("a\r\nb\tc\x1b[1m\xc3\xa9"), "abc[1m");
  EXPECT_EQ(presentable("cannot use http://h/p?api_key=hush here"), "cannot use http://h/p here");
  EXPECT_EQ(presentable(std::string(1000, 'x')).size(), 256U);
}

}  // namespace
}  // namespace sluice::http
