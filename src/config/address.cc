#include "config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "base/url_path.h"
#include "config/values.h"

namespace sluice::config {
namespace {

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
  });
}

// An IPv6 address only in brackets, since its colons would be taken for the port's.
bool parse_host(std::string_view text, std::string& host) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return false;
    host = text.substr(1, text.size() - 2);
    return is_ipv6(host);
  }
  host = text;
  return is_host_name(text);
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto number = parse_whole(text);
  if (!number || *number > 65535) return false;
  port = static_cast<std::uint16_t>(*number);
  return true;
}

bool has_broken_escape(std::string_view path) {
  for (std::size_t at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2])) return true;
  }
  return false;
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// The authority of a URL: host and perhaps a port.
Result<std::string> parse_authority(std::string_view text) {
  constexpr std::string_view kRemedy =
      "write https://host or https://host:port, an IPv6 address in brackets";
  // The last colon is the port's, unless it is one of a bracketed address.
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != text.npos && text.find(']', colon) == text.npos;
  std::string host;
  if (!parse_host(has_port ? text.substr(0, colon) : text, host)) {
    return fail("has no valid host", std::string(kRemedy));
  }
  std::uint16_t port = 1;
  if (has_port && (!parse_port(text.substr(colon + 1), port) || port == 0)) {
    return fail("has no valid port", "use a port from 1 to 65535");
  }
  return host;
}

}  // namespace

bool is_loopback(std::string host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return std::memcmp(&v6, &in6addr_loopback, sizeof v6) == 0;
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host == "localhost";
}

Result<HostPort> parse_host_port(std::string_view text) {
  const std::string remedy = "write host:port, such as localhost:9092 or [::1]:9092";
  if (text.find("://") != text.npos) return fail("has a scheme", remedy);
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.find(']', colon) != text.npos) return fail("has no port", remedy);
  HostPort out;
  if (!parse_host(text.substr(0, colon), out.host)) return fail("has no valid host", remedy);
  if (!parse_port(text.substr(colon + 1), out.port)) {
    return fail("has no valid port", "use a port up to 65535");
  }
  return out;
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  BaseUrl out;
  out.secure = text.starts_with("https://");
  if (!out.secure && !text.starts_with("http://")) {
    return fail("does not begin with https:// or http://", "write https://host");
  }
  if (text.find_first_of("?#") != text.npos) {
    return fail("has a query or a fragment", "write scheme, host and path only");
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t host_begin = std::min<std::size_t>(out.secure ? 8 : 7, text.size());
  const std::size_t path_begin = std::min(text.find('/', host_begin), text.size());
  const std::string_view authority = text.substr(host_begin, path_begin - host_begin);
  if (authority.find('@') != authority.npos) {
    return fail("has a user or password before the host", "put credentials into auth");
  }
  const auto host = parse_authority(authority);
  if (!host) return tl::unexpected(host.error());
  if (path_begin < text.size()) {
    const auto path = parse_path(text.substr(path_begin));
    if (!path) return tl::unexpected(path.error());
  }
  out.url = text;
  out.loopback = is_loopback(*host);
  return out;
}

Result<std::string> parse_proxy_url(std::string_view text) {
  const std::string remedy = "write it such as http://proxy.example.com:3128";
  const std::size_t scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme_end == text.npos ||
      (scheme != "http" && scheme != "https" && scheme != "socks5" && scheme != "socks5h")) {
    return fail("does not begin with http://, https://, socks5:// or socks5h://", remedy);
  }
  std::string_view authority = text.substr(scheme_end + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find('@') != authority.npos) {
    return fail("has a user or password before the host",
                "write proxy: {url: ..., user: ..., password: ...}");
  }
  const auto address = parse_host_port(authority);
  if (!address) return tl::unexpected(Error{address.error().cause, remedy});
  if (address->port == 0) return fail("has no valid port", "use a port from 1 to 65535");
  return std::string(scheme) + "://" + std::string(authority);
}

Result<std::string> parse_path(std::string_view text) {
  if (!text.starts_with('/')) return fail("does not begin with /", "put a / in front");
  if (text.find_first_of("?#") != text.npos) {
    return fail("has a query or a fragment", "write the path alone");
  }
  if (!is_visible_ascii(text) || text.find('\\') != text.npos) {
    return fail("has a blank, a backslash, a control character or one outside ASCII",
                "percent-encode it, such as %20 for a blank");
  }
  if (has_broken_escape(text)) {
    return fail("has a % without two hexadecimal digits behind it", "write %25 for a percent sign");
  }
  if (has_dot_segment(text)) {
    return fail("has a . or .. segment", "write the path as the API names it");
  }
  return std::string(text);
}

}  // namespace sluice::config
