#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sluice::deliver {

// An HTTP date (RFC 9110, section 5.6.7) in any of its three forms, since the Unix epoch. In whole
// seconds: one in another century does not fit into nanoseconds.
std::optional<std::chrono::seconds> parse_http_date(const std::string& text);

}  // namespace sluice::deliver
