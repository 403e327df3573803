// What a rate limit is about, for those who judge the file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/config.h"

namespace sluice::config {

// The pipelines whose requests count against a limit of this target.
std::vector<const Pipeline*> users_of(const RateLimit& limit, const Config& config,
                                      const Target& target);

// What this process has of the limit at most, in each stretch of `per`.
double allowed(const RateLimit& limit);

// "1000 requests/1s", "1MiB/1m".
std::string text_of(const RateLimit& limit);

// The largest body of a request with a single record.
std::size_t largest_single_body(const Pipeline& pipeline);

}  // namespace sluice::config
