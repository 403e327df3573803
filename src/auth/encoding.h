// Bytes as text, the ways a request needs them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::auth {

std::string base64(std::string_view bytes);  // RFC 4648, padded
std::string lower_hex(std::span<const unsigned char> bytes);
// RFC 7617, without the scheme.
std::string basic_credentials(std::string_view user, std::string_view password);
std::string percent_encoded(std::string_view bytes);  // all but RFC 3986's unreserved

}  // namespace sluice::auth
