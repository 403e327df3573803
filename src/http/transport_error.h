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
  connecting,  // TCP and TLS
  exchanging,  // some of the request was sent
};

// `code` is not CURLE_OK.
TransportErrorKind kind_of(CURLcode code, Phase phase);

// One short printable line. Whatever stands where a URL's query would stand is left out: libcurl
// quotes no URL today, and API keys live in queries.
std::string presentable(std::string_view words);

}  // namespace sluice::http
