#include "http/transport_error.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxDetail = 256;

TransportErrorKind too_late_kind(Phase phase) {
  switch (phase) {
    case Phase::resolving:
      return TransportErrorKind::resolve;
    case Phase::connecting:
      return TransportErrorKind::connect;
    case Phase::exchanging:
      break;
  }
  return TransportErrorKind::timeout;
}

}  // namespace

std::string_view to_string(TransportErrorKind kind) {
  switch (kind) {
    case TransportErrorKind::resolve:
      return "resolve";
    case TransportErrorKind::connect:
      return "connect";
    case TransportErrorKind::tls:
      return "tls";
    case TransportErrorKind::timeout:
      return "timeout";
    case TransportErrorKind::reset:
      return "reset";
    case TransportErrorKind::protocol:
      return "protocol";
    case TransportErrorKind::too_large:
      return "too_large";
    case TransportErrorKind::other:
      break;
  }
  return "other";
}

TransportErrorKind kind_of(CURLcode code, Phase phase) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransportErrorKind::resolve;
    case CURLE_COULDNT_CONNECT:
      return TransportErrorKind::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return too_late_kind(phase);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
      return TransportErrorKind::tls;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return TransportErrorKind::reset;
    case CURLE_WEIRD_SERVER_REPLY:
      return TransportErrorKind::protocol;
    // Said of an answer that is not HTTP, but of a URL that is not http or https too.
    case CURLE_UNSUPPORTED_PROTOCOL:
      return phase == Phase::exchanging ? TransportErrorKind::protocol : TransportErrorKind::other;
    default:
      return TransportErrorKind::other;
  }
}

std::string presentable(std::string_view words) {
  std::string line;
  bool in_query = false;
  for (const char c : words.substr(0, kMaxDetail)) {
    if (c == '?') in_query = true;
    if (c == ' ') in_query = false;
    const bool printable = c >= ' ' && c <= '~';
    if (printable && !in_query) line += c;
  }
  return line;
}

}  // namespace sluice::http
