// Which of a pipeline's own rules an answer meets.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "config/config.h"
#include "http/client.h"

namespace sluice::deliver {

// Bytes of an answer's body that `contains` looks through.
inline constexpr std::size_t kSearchedBody = 64 * 1024;

bool is_in(const std::vector<config::StatusRange>& ranges, int status);

// The number of the first override whose conditions all hold; nullopt: none does.
std::optional<std::size_t> matching_override(const std::vector<config::VerdictOverride>& overrides,
                                             const http::Answer& answer);

}  // namespace sluice::deliver
