// Standard output, as far as it is a terminal.
#pragma once

#include <cstddef>

namespace sluice::cli {

// One whose cursor can be moved.
bool is_terminal();
// Such a one, and NO_COLOR does not forbid it (https://no-color.org).
bool wants_colour();
// Of lines; 24 where it does not say.
std::size_t terminal_rows();
// Of text that is meant to be read: its columns, 40 to 100. SIZE_MAX where it is no terminal: what
// reads a pipe or a file finds each statement on a line of its own.
std::size_t text_columns();

}  // namespace sluice::cli
