#include "auth/jwt.h"

#include <array>
#include <cstdio>

#include "auth/encoding.h"

namespace sluice::auth {
namespace {

// Not `quoted`: to a std::string, <iomanip> has one of its own.
std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string drawn_id(Random& random) {
  std::array<unsigned char, 16> bytes{};
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random.next_unit() * 256);
  return lower_hex(bytes);
}

std::string header_of(const JwtKey& key, std::string_view key_id) {
  std::string header = R"({"alg":)" + json_quoted(key.algorithm()) + R"(,"typ":"JWT")";
  if (!key_id.empty()) header += R"(,"kid":)" + json_quoted(key_id);
  return header + "}";
}

}  // namespace

config::Secret client_assertion(const JwtKey& key, const AssertionClaims& claims, WallTime now,
                                Random& random) {
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  const std::string client = json_quoted(claims.client_id);
  const std::string body = R"({"iss":)" + client + R"(,"sub":)" + client + R"(,"aud":)" +
                           json_quoted(claims.audience) + R"(,"iat":)" +
                           std::to_string(issued.count()) + R"(,"exp":)" +
                           std::to_string((issued + kAssertionLife).count()) + R"(,"jti":)" +
                           json_quoted(drawn_id(random)) + "}";
  const std::string to_sign = base64url(header_of(key, claims.key_id)) + '.' + base64url(body);
  return config::Secret(to_sign + '.' + base64url(key.sign(to_sign)));
}

}  // namespace sluice::auth
