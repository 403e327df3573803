// How requests to a target prove who sends them. Plain data; part of config.h.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "config/oauth2.h"
#include "config/secret.h"
#include "config/signature_template.h"

namespace sluice::config {

struct BearerAuth {
  Secret token;
  bool operator==(const BearerAuth&) const = default;
};

struct BasicAuth {
  std::string user;
  Secret password;
  bool operator==(const BasicAuth&) const = default;
};

enum class ApiKeyPlace : std::uint8_t { header, query };

struct ApiKeyAuth {
  std::string name;
  ApiKeyPlace in = ApiKeyPlace::header;
  Secret value;
  bool operator==(const ApiKeyAuth&) const = default;
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
  bool operator==(const HkdfHmacAuth&) const = default;
};

enum class HmacAlgorithm : std::uint8_t { sha256, sha512, sha1 };
// How the key is written: whsec is base64, perhaps behind "whsec_".
enum class SecretEncoding : std::uint8_t { text, hex, base64, whsec };
enum class SignatureEncoding : std::uint8_t { hex, base64, base64url };
enum class TimestampFormat : std::uint8_t { seconds, milliseconds, iso8601 };

// All of a signature but its key.
struct HmacFormat {
  SecretEncoding secret_encoding = SecretEncoding::text;
  HmacAlgorithm algorithm = HmacAlgorithm::sha256;
  SignatureEncoding encoding = SignatureEncoding::hex;
  std::string header = "X-Signature";
  SignatureTemplate value = SignatureTemplate::parse_value("{signature}").value();
  SignatureTemplate string_to_sign = SignatureTemplate::parse_signed("{body}").value();
  TimestampFormat timestamp = TimestampFormat::seconds;
  std::string timestamp_header;  // empty: none, as is the next one
  std::string id_header;

  bool operator==(const HmacFormat&) const = default;
};

// A signature of the request itself: see auth/hmac.h.
struct HmacAuth {
  Secret secret;
  HmacFormat format;
  bool operator==(const HmacAuth&) const = default;
};

using Auth = std::variant<BearerAuth, BasicAuth, ApiKeyAuth, HkdfHmacAuth, HmacAuth, OAuth2Auth>;
// All of them at once; none: requests prove nothing.
using Auths = std::vector<Auth>;

}  // namespace sluice::config
