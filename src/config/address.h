// Pure parsers of addresses. Their messages never quote the text: a URL may hold a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::config {

struct HostPort {
  std::string host;  // IPv6 without brackets
  std::uint16_t port = 0;
};

// "host:port", "127.0.0.1:9092", "[::1]:9092".
Result<HostPort> parse_host_port(std::string_view text);

// 127.0.0.0/8, ::1, localhost: what never leaves this machine.
bool is_loopback(std::string host);

struct BaseUrl {
  std::string url;  // as written, without trailing slashes
  bool secure = false;
  bool loopback = false;
};

// http or https, a host, maybe a port, maybe a path; no user, query or fragment.
Result<BaseUrl> parse_base_url(std::string_view text);

// http, https, socks5 or socks5h, a host and a port; nothing else.
Result<std::string> parse_proxy_url(std::string_view text);

// The path of a request: from '/', visible ASCII, no query or fragment, no "." or ".." segments
// (percent-encoded ones neither), so that it cannot leave what it is appended to.
Result<std::string> parse_path(std::string_view text);

}  // namespace sluice::config
