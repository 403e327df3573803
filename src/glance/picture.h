// A terminal that shows one text after the other without flickering.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::glance {

// What to write to the terminal; pure. Each line is overwritten in its place, and only what is left
// of the one before is erased, so nothing is empty in between. What is too wide for it is cut
// there, so that each line has its place.
class Picture {
 public:
  // `text` ends in a line break. What has no room in so many rows is counted in the last of them.
  std::string draw(std::string_view text, std::size_t rows) {
    std::string all = std::exchange(first_, false) ? "\033[?7l\033[2J\033[H" : "\033[?7l\033[H";
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // The cursor needs a row, too.
    const std::size_t room = std::max<std::size_t>(rows, 3) - 1;
    const std::size_t shown = lines <= room ? lines : room - 1;
    for (std::size_t i = 0; i < shown; ++i) {
      const std::size_t end = text.find('\n');
      (all += text.substr(0, end)) += "\033[K\n";
      text.remove_prefix(end + 1);
    }
    if (shown < lines) all += "and " + std::to_string(lines - shown) + " more lines\033[K\n";
    return all + "\033[J\033[?7h";
  }

 private:
  bool first_ = true;
};

}  // namespace sluice::glance
