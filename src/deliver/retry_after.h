// When the target wants to hear from us again.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace sluice::deliver {

// Longest wait a target can ask for; a longer one (a date in another century, a number with
// twenty digits) is cut to it.
inline constexpr Duration kLongestRetryAfter = std::chrono::hours(1);

// Reads a Retry-After header (RFC 9110, section 10.2.3): whole seconds, or an HTTP date in any of
// its three forms, taken from `now`. A date that has passed is zero. nullopt where it is neither
// (negative, fractional, empty): as if it were absent.
std::optional<Duration> parse_retry_after(std::string_view header, WallTime now);

}  // namespace sluice::deliver
