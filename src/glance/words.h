// Numbers, durations and foreign text as a narrow screen takes them. Pure. Private to this folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sluice::glance {

// One line without anything that a terminal obeys or that turns the direction of writing.
std::string clean(std::string_view text);

// Columns, a character each.
std::size_t width(std::string_view text);
// At most so many columns; what is longer ends in "...".
std::string cut(std::string_view text, std::size_t columns);
// A name, of which the end often tells it from others: what is longer has "..." in the middle.
std::string cut_name(std::string_view name, std::size_t columns);
// Filled with blanks to that width, behind or in front of the text; longer ones are cut.
std::string left(std::string_view text, std::size_t columns);
std::string right(std::string_view text, std::size_t columns);
// In lines of at most so many columns, at blanks where there are some; at most `most` lines, of
// which the last ends in "..." where there would be more.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t most);
// A command of the shell, in lines that continue each other. Never cut: it is to be copied.
std::vector<std::string> wrapped_command(std::string_view command, std::size_t columns);

// "950", "12k", "3.4M"; "-": not known.
std::string count(std::optional<double> number);
// "0", "0.4", "12", "1.5k".
std::string rate(std::optional<double> per_second);
// "41ms", "2.1s", "3m20s": of a latency.
std::string latency(std::optional<double> seconds);
// "41s", "3m20s", "8h48m", "12d4h".
std::string duration(Duration duration);

}  // namespace sluice::glance
