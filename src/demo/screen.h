// Where a table is redrawn in place, below a text that grows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::demo {

// What to write to a terminal; pure. Lines that are too long for it are cut there instead of
// wrapped, so that the number of lines is known.
class Screen {
 public:
  // Text that stays; it ends in a line break.
  std::string say(std::string_view text) { return erase() + std::string(text); }

  // In place of the table before.
  std::string show(std::string_view table) {
    std::string all = erase() + "\033[?7l" + std::string(table) + "\033[?7h";
    lines_ = std::count(table.begin(), table.end(), '\n');
    return all;
  }

  // The table becomes text that stays.
  void keep() { lines_ = 0; }

 private:
  std::string erase() {
    if (lines_ == 0) return {};
    // From the first column: an echoed ^C has moved the cursor.
    std::string up = "\r\033[" + std::to_string(lines_) + "A\033[J";
    lines_ = 0;
    return up;
  }

  std::ptrdiff_t lines_ = 0;  // of the table that stands there now
};

}  // namespace sluice::demo
