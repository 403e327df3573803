// How requests to a target prove who sends them. Plain data; part of config.h.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "config/secret.h"

namespace sluice::config {

struct NoAuth {};

struct BearerAuth {
  Secret token;
};

struct BasicAuth {
  std::string user;
  Secret password;
};

enum class ApiKeyPlace : std::uint8_t { header, query };

struct ApiKeyAuth {
  std::string name;
  ApiKeyPlace in = ApiKeyPlace::header;
  Secret value;
};

// What one input of the key derivation is made of.
enum class HkdfInput : std::uint8_t { token, account_workspace };

// Signature of the Data Pipeline API: see auth/hkdf_hmac.h.
struct HkdfHmacAuth {
  Secret token;
  std::string account_id;
  std::string workspace_id;
  HkdfInput salt = HkdfInput::token;
  HkdfInput ikm = HkdfInput::account_workspace;
  std::string info = "hmac-signing";
};

using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, ApiKeyAuth, HkdfHmacAuth>;

}  // namespace sluice::config
