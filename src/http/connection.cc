#include "http/connection.h"

#include <chrono>
#include <string>

#include "http/tls_trial.h"

namespace sluice::http {
namespace {

constexpr long kMaxIdleSeconds = 60;    // most servers keep idle connections longer
constexpr long kKeepaliveSeconds = 30;  // below the idle timeout of common NATs
constexpr long kDnsCacheSeconds = 5;    // an API that moves is found by its next address soon
constexpr long kCaCacheSeconds = 300;   // a replaced CA bundle of the system is seen by then

// curl reads zero as "no limit", so a fraction of a millisecond becomes one.
long milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

Result<void> validate(const ClientOptions& options) {
  if (options.connections == 0) {
    return fail("cannot make an HTTP client with 0 connections", "set connections to at least 1");
  }
  if (options.connect_timeout <= Duration::zero() || options.timeout <= Duration::zero()) {
    return fail("cannot make an HTTP client without timeouts",
                "set connect_timeout and timeout above zero");
  }
  return {};
}

void set_limits(EasyOptions& set, const ClientOptions& options) {
  set.number<CURLOPT_CONNECTTIMEOUT_MS>(milliseconds(options.connect_timeout));
  set.number<CURLOPT_TIMEOUT_MS>(milliseconds(options.timeout));
  set.number<CURLOPT_NOSIGNAL>(1);
  set.number<CURLOPT_DNS_CACHE_TIMEOUT>(kDnsCacheSeconds);
  // Lets a cancelled or late transfer leave its resolver thread behind; libcurl would block the
  // loop until getaddrinfo() returns. The thread cleans up after itself.
  set.number<CURLOPT_QUICK_EXIT>(1);
}

void set_socket(EasyOptions& set) {
  set.number<CURLOPT_TCP_NODELAY>(1);
  set.number<CURLOPT_TCP_KEEPALIVE>(1);
  set.number<CURLOPT_TCP_KEEPIDLE>(kKeepaliveSeconds);
  set.number<CURLOPT_TCP_KEEPINTVL>(kKeepaliveSeconds);
  set.number<CURLOPT_MAXAGE_CONN>(kMaxIdleSeconds);
}

// libcurl before 8.0 sends nonsense when it re-uses a connection of that kind (its issue 10634).
bool can_reuse_clear_http2() {
  constexpr unsigned kFixed = 0x080000;
  return curl_version_info(CURLVERSION_NOW)->version_num >= kFixed;
}

// Without CURLOPT_PIPEWAIT. Requests join an HTTP/2 connection as soon as there is one; that option
// would also make them wait for one that is still being made, outside of every timeout: a host that
// swallows packets would let each of them wait for all before it.
void set_version(EasyOptions& set, Version version, bool secure) {
  if (version == Version::v2) {
    set.number<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    if (!secure && !can_reuse_clear_http2()) {
      set.number<CURLOPT_FRESH_CONNECT>(1);
      set.number<CURLOPT_FORBID_REUSE>(1);
    }
  } else if (version == Version::automatic && secure) {
    set.number<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_2TLS);
  } else {
    set.number<CURLOPT_HTTP_VERSION>(CURL_HTTP_VERSION_1_1);
  }
}

}  // namespace

Result<void> initialize_libcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code == CURLE_OK) return {};
  return fail(std::string("cannot initialise libcurl: ") + curl_easy_strerror(code));
}

Result<Connection> Connection::create(const ClientOptions& options) {
  if (auto valid = validate(options); !valid) return tl::unexpected(std::move(valid.error()));
  if (auto ready = initialize_libcurl(); !ready) return tl::unexpected(std::move(ready.error()));
  auto files = TlsFiles::read(options.tls);
  if (!files) return tl::unexpected(std::move(files.error()));
  if (auto usable = try_tls_files(options.tls, *files); !usable) {
    return tl::unexpected(std::move(usable.error()));
  }
  return Connection(options, std::move(*files));
}

void Connection::apply(std::string_view url, EasyOptions& set) const {
  set_limits(set, options_);
  set_socket(set);
  set_version(set, options_.version, url.starts_with("https://"));
  // Nothing but the request's own URL and our proxy decides where a request goes.
  set.pointer<CURLOPT_PROTOCOLS_STR>("http,https");
  set.number<CURLOPT_FOLLOWLOCATION>(0);
  set.number<CURLOPT_NETRC>(CURL_NETRC_IGNORED);
  set_proxy(set);
  set.number<CURLOPT_SSLVERSION>(options_.tls.only_1_3 ? CURL_SSLVERSION_TLSv1_3
                                                       : CURL_SSLVERSION_TLSv1_2);
  set.number<CURLOPT_SSL_VERIFYPEER>(1);
  set.number<CURLOPT_SSL_VERIFYHOST>(2);
  set.number<CURLOPT_CA_CACHE_TIMEOUT>(kCaCacheSeconds);
  set_tls_files(set, files_);
}

void Connection::set_proxy(EasyOptions& set) const {
  set.pointer<CURLOPT_NOPROXY>("");  // unset would mean the environment's, as in the next one
  if (!options_.proxy) {
    set.pointer<CURLOPT_PROXY>("");
    return;
  }
  const Proxy& proxy = *options_.proxy;
  set.pointer<CURLOPT_PROXY>(proxy.url.c_str());
  if (!proxy.user.empty()) {
    set.pointer<CURLOPT_PROXYUSERNAME>(proxy.user.c_str());
    set.pointer<CURLOPT_PROXYPASSWORD>(proxy.password.c_str());
  }
  // The headers of a request are not for a proxy that connects us, nor are its own for us.
  set.number<CURLOPT_HEADEROPT>(CURLHEADER_SEPARATE);
  set.number<CURLOPT_SUPPRESS_CONNECT_HEADERS>(1);
  // A proxy that forwards requests in clear speaks HTTP/1.1.
  if (options_.version == Version::v2) set.number<CURLOPT_HTTPPROXYTUNNEL>(1);
  set.number<CURLOPT_PROXY_SSLVERSION>(options_.tls.only_1_3 ? CURL_SSLVERSION_TLSv1_3
                                                             : CURL_SSLVERSION_TLSv1_2);
  set.number<CURLOPT_PROXY_SSL_VERIFYPEER>(1);
  set.number<CURLOPT_PROXY_SSL_VERIFYHOST>(2);
}

}  // namespace sluice::http
