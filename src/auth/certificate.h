// Certificates that we show to others.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace sluice::auth {

// When the first certificate of a PEM file ceases to be valid; nullopt where the file cannot be
// read or begins with none. Blocks: reads the file.
std::optional<WallTime> certificate_expiry(const std::string& path);

}  // namespace sluice::auth
