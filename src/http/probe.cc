#include "http/probe.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "http/connection.h"
#include "http/transport_error.h"

namespace sluice::http {
namespace {

// Since TLS 1.3 a server judges the client's certificate, or that there is none, after the client
// is done. Most have also something to send when they agree, so that this is not often waited for.
constexpr std::chrono::milliseconds kLongestVerdict(250);

struct Call {
  std::array<char, CURL_ERROR_SIZE> words{};
  EasyHandle easy{curl_easy_init()};

  CURLcode configure(const std::string& url, const Connection& connection) {
    EasyOptions set(easy.get());
    connection.apply(url, set);
    set.pointer<CURLOPT_ERRORBUFFER>(words.data());
    set.pointer<CURLOPT_URL>(url.c_str());
    set.number<CURLOPT_CONNECT_ONLY>(1);
    // Agreeing on HTTP/2 would make libcurl speak it at once, and hide from us what comes.
    set.number<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_1_1);
    set.number<CURLOPT_SSL_ENABLE_ALPN>(0);
    set.number<CURLOPT_CERTINFO>(1);
    return set.result();
  }
  TransportError error(CURLcode code) const { return explain(easy.get(), code, words.data()); }
};

std::string address_of(CURL* easy) {
  const char* ip = nullptr;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  const std::string host = ip != nullptr ? ip : "";
  const bool brackets = host.find(':') != host.npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// What libcurl says of the first certificate of the chain, the server's own.
void describe_certificate(CURL* easy, ProbeResult& result) {
  const curl_certinfo* chain = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain);
  if (chain == nullptr || chain->num_of_certs == 0) return;
  constexpr std::string_view kSubject = "Subject:";
  constexpr std::string_view kExpires = "Expire date:";
  for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text = line->data;
    if (text.starts_with(kSubject)) {
      result.certificate_subject = presentable(text.substr(kSubject.size()));
    }
    if (!text.starts_with(kExpires)) continue;
    const std::time_t expires = curl_getdate(line->data + kExpires.size(), nullptr);
    if (expires >= 0) result.certificate_expires = std::chrono::system_clock::from_time_t(expires);
  }
}

// Waits for the server's verdict and reads it. Whatever is no refusal of TLS is none of ours.
std::optional<TransportError> hear_refusal(const Call& call, std::chrono::milliseconds wait) {
  CURL* const easy = call.easy.get();
  const MultiHandle multi(curl_multi_init());
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
  curl_waitfd readable{.fd = socket, .events = CURL_WAIT_POLLIN, .revents = 0};
  curl_multi_poll(multi.get(), &readable, 1, static_cast<int>(wait.count()), nullptr);
  char ignored = 0;
  std::size_t got = 0;
  const CURLcode code = curl_easy_recv(easy, &ignored, 1, &got);
  if (code == CURLE_OK || code == CURLE_AGAIN) return std::nullopt;
  TransportError error = call.error(code);
  if (error.kind != TransportErrorKind::tls) return std::nullopt;
  return error;
}

}  // namespace

tl::expected<ProbeResult, TransportError> probe(const std::string& url,
                                                const ClientOptions& options, const Clock& clock) {
  ClientOptions bounded = options;
  bounded.timeout = options.connect_timeout;
  const auto connection = Connection::create(bounded);
  if (!connection) {
    return tl::unexpected(TransportError{TransportErrorKind::tls, connection.error().text()});
  }
  const Instant start = clock.now();
  Call call;
  CURLcode code = call.configure(url, *connection);
  if (code == CURLE_OK) code = curl_easy_perform(call.easy.get());
  if (code != CURLE_OK) return tl::unexpected(call.error(code));
  ProbeResult result;
  result.tls = url.starts_with("https://");
  result.took = clock.now() - start;
  result.address = address_of(call.easy.get());
  if (!result.tls) return result;
  describe_certificate(call.easy.get(), result);
  const auto left =
      std::chrono::floor<std::chrono::milliseconds>(options.connect_timeout - result.took);
  const auto wait = std::clamp(left, std::chrono::milliseconds(0), kLongestVerdict);
  if (auto refusal = hear_refusal(call, wait)) return tl::unexpected(std::move(*refusal));
  return result;
}

}  // namespace sluice::http
