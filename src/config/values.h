// Pure parsers of single values. An error's cause is a clause about the text ("\"100\" has no
// unit"), to stand behind the key it was read for; the remedy says what is expected.
// No number has a zero in front: "05s" is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::config {

// "500ms", "1s", "2m", "1h", "7d": digits and one unit; a bare "0" needs none.
Result<Duration> parse_duration(std::string_view text);
// "512KiB", "1MiB", "1GiB", "100B": digits and one unit; a bare "0" needs none.
Result<std::size_t> parse_size(std::string_view text);
// RFC 3339, or a date alone (its midnight in UTC): "2026-11-25T08:00:00Z",
// "2026-11-25T08:00+01:00".
Result<WallTime> parse_time(std::string_view text);
// "50%", "12.5%", as a fraction of one. Not bounded to 100%.
Result<double> parse_percent(std::string_view text);
// Digits only.
Result<std::uint64_t> parse_whole(std::string_view text);
// "2", "1.5".
Result<double> parse_decimal(std::string_view text);

// The largest unit that divides it: "90s", "1h", "1MiB", "1000B".
std::string format_duration(Duration duration);
std::string format_size(std::size_t bytes);

// Regular expressions of what parse_duration() and parse_size() take within these bounds.
std::string duration_pattern(Duration low, Duration high);
std::string size_pattern(std::size_t low, std::size_t high);

// `text` in quotes, shortened and without control characters, for messages.
std::string in_quotes(std::string_view text);

}  // namespace sluice::config
