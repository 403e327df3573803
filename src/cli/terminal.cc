#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

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

}  // namespace sluice::cli
