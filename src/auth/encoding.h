// Bytes as text, the ways a request needs them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/secret.h"

namespace sluice::auth {

std::string base64(std::string_view bytes);     // RFC 4648, section 4, padded
std::string base64url(std::string_view bytes);  // RFC 4648, section 5, not padded
std::string lower_hex(std::span<const unsigned char> bytes);
// RFC 7617, without the scheme.
std::string basic_credentials(std::string_view user, std::string_view password);
std::string percent_encoded(std::string_view bytes);  // all but RFC 3986's unreserved

// What base64() and, of digits in either case, lower_hex() make such text of; nullopt: none of
// theirs. In a secret, since what is written like this in a configuration is a key.
std::optional<config::Secret> from_base64(std::string_view text);
std::optional<config::Secret> from_hex(std::string_view text);

}  // namespace sluice::auth
