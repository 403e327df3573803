// libcurl's codes and words as ours. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "http/client.h"
#include "http/curl_handles.h"

namespace sluice::http {

// How far a transfer came. libcurl's code for "too late" does not say what it was late with.
enum class Phase : std::uint8_t {
  resolving,
  connecting,  // TCP, proxy and TLS
  exchanging,  // the request may have been sent
};

// Why there is no answer, after libcurl gave up with `code` (not CURLE_OK); `words` is what it left
// in the error buffer, perhaps nothing.
TransportError explain(CURL* easy, CURLcode code, std::string_view words);

// Of a proxy that answers `status` itself instead of passing the request on.
TransportError proxy_answered(long status);

TransportErrorKind kind_of(CURLcode code, Phase phase);

// libcurl's words for a TLS failure, with what they leave unsaid.
std::string tls_detail(std::string_view words);

// One short printable line. Whatever stands where a URL's query would stand is left out: libcurl
// quotes no URL today, and API keys live in queries.
std::string presentable(std::string_view words);

}  // namespace sluice::http
