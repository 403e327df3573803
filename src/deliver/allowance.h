// What an answer says of the rate limit that the API holds us to.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "http/client.h"

namespace sluice::deliver {

struct Allowance {
  std::uint64_t remaining = 0;  // requests
  Duration reset{};             // that long; more than zero, at most kLongestRetryAfter
};

// Reads `RateLimit: "name";r=5;t=30` (draft-ietf-httpapi-ratelimit-headers; of several policies
// the one with the least left), `RateLimit-Remaining` with `RateLimit-Reset`, and the two with an
// `X-` in front. A reset is in seconds from now, or a Unix time in seconds or milliseconds where
// only that makes sense. nullopt where there is none, or nothing that can be made sense of: as if
// it were absent.
std::optional<Allowance> read_allowance(const http::Answer& answer, WallTime now);

}  // namespace sluice::deliver
