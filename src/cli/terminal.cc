#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace sluice::cli {

bool is_terminal() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

bool wants_colour() {
  const char* const none = std::getenv("NO_COLOR");
  return is_terminal() && (none == nullptr || *none == '\0');
}

std::size_t terminal_rows() {
  constexpr std::size_t kUsual = 24;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kUsual;
  return size.ws_row;
}

std::size_t text_columns() {
  constexpr std::size_t kLeast = 40;
  constexpr std::size_t kMost = 100;
  if (::isatty(STDOUT_FILENO) == 0) return SIZE_MAX;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kMost;
  return std::clamp<std::size_t>(size.ws_col, kLeast, kMost);
}

}  // namespace sluice::cli
