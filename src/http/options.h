// What a client is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace sluice::http {

enum class Version : std::uint8_t {
  automatic,  // HTTP/2 where TLS agrees on it (ALPN), else 1.1
  v1_1,
  v2,  // without asking first (prior knowledge), in clear as well as in TLS
};

// PEM files, read when the client is made.
struct Tls {
  bool only_1_3 = false;          // else TLS 1.2 and later; always verified
  std::optional<std::string> ca;  // trusted instead of the system's CAs
  std::optional<std::string> cert;
  std::optional<std::string> key;  // of cert; both or none
};

struct Proxy {
  std::string url;   // http://, https://, socks5:// or socks5h://, host and port
  std::string user;  // empty: none is told
  std::string password;
};

struct ClientOptions {
  std::uint32_t connections = 8;  // requests under way at most; more wait
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(30);  // of one attempt, connecting included
  std::size_t max_response = 1 << 20;           // bytes of body; more makes the answer unreadable
  Version version = Version::automatic;
  Tls tls;
  std::optional<Proxy> proxy;
};

}  // namespace sluice::http
