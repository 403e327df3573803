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

Phase phase_of(CURL* easy) {
  curl_off_t resolved = 0;
  curl_off_t connected = 0;
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  if (connected > 0) return Phase::exchanging;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
  return resolved > 0 ? Phase::connecting : Phase::resolving;
}

bool is_tls_failure(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CLIENTCERT:
      return true;
    default:
      return false;
  }
}

// What the other side said as it refused us, such as "certificate required", or nothing. Since TLS
// 1.3 a refusal of our certificate comes only after the handshake, as a failure to read.
std::string_view tls_alert(std::string_view words) {
  constexpr std::string_view kAlert = " alert ";
  const std::size_t at = words.find(kAlert);
  if (at == words.npos || words.find("SSL") == words.npos) return {};
  const std::string_view alert = words.substr(at + kAlert.size());
  return alert.substr(0, alert.find(','));
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

TransportError explain(CURL* easy, CURLcode code, std::string_view words) {
  long connect_status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (connect_status >= 300) return proxy_answered(connect_status);
  if (words.empty()) words = curl_easy_strerror(code);
  const TransportErrorKind kind =
      tls_alert(words).empty() ? kind_of(code, phase_of(easy)) : TransportErrorKind::tls;
  return {kind, presentable(kind == TransportErrorKind::tls ? tls_detail(words) : words)};
}

TransportError proxy_answered(long status) {
  std::string detail = "the proxy answered " + std::to_string(status) + ": ";
  if (status == 407 || status == 401) {  // 401: what tinyproxy says to a wrong password
    detail += "it wants the right proxy.user and proxy.password";
  } else if (status == 403) {
    detail += "it does not let us through to this host and port";
  } else {
    detail += "it made no connection to the target";
  }
  return {TransportErrorKind::connect, std::move(detail)};
}

TransportErrorKind kind_of(CURLcode code, Phase phase) {
  if (is_tls_failure(code)) return TransportErrorKind::tls;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return TransportErrorKind::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return TransportErrorKind::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return too_late_kind(phase);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP2:  // before 8.0 also for a server that goes away (GOAWAY)
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

std::string tls_detail(std::string_view words) {
  const auto says = [words](std::string_view part) { return words.find(part) != words.npos; };
  if (const std::string_view alert = tls_alert(words); !alert.empty()) {
    const bool ours = alert.find("certificate") != alert.npos || alert == "unknown ca";
    return "the other side ended TLS: " + std::string(alert) +
           (ours ? "; it wants a client certificate that it trusts (tls.cert and tls.key)" : "");
  }
  std::string detail(words);
  if (says("wrong version number")) detail += "; the other side does not speak TLS on this port";
  if (says("local issuer certificate") || says("self-signed certificate") ||
      says("self signed certificate")) {
    detail += "; no CA that is trusted here has signed it (tls.ca names others)";
  }
  return detail;
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
