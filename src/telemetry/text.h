// How times and foreign bytes are written for people and machines.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::telemetry {

// ISO 8601 in UTC with milliseconds: 2026-09-21T14:13:20.000Z.
std::string to_utc(WallTime when);

// Valid UTF-8, whatever came in: each byte that is part of no character becomes U+FFFD. What a
// JSON writer is given goes through here, because one bad byte would spoil the whole document.
std::string to_utf8(std::string_view text);

// The same on one line: control characters become spaces.
std::string to_line(std::string_view text);

}  // namespace sluice::telemetry
