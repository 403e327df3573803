#include "explain/lines.h"

#include <algorithm>

#include "telemetry/text.h"

namespace sluice::explain {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNames = 16;  // with the indent

}  // namespace

void Lines::heading(std::string_view text) {
  if (!text_.empty()) text_ += '\n';
  text_.append(text) += '\n';
}

void Lines::line(std::string_view name, std::string_view text) {
  std::string row = std::string(kIndent, ' ').append(name);
  row.resize(std::max(kNames, row.size() + 1), ' ');
  std::string rest = telemetry::to_line(text);
  while (row.size() + rest.size() > width_) {
    const std::size_t room = width_ > row.size() ? width_ - row.size() : 0;
    std::size_t end = rest.rfind(' ', room);
    if (end == rest.npos || end == 0) end = rest.find(' ', room);
    if (end == rest.npos) break;
    text_ += row + rest.substr(0, end) + '\n';
    rest.erase(0, end + 1);
    row.assign(kNames, ' ');
  }
  text_ += row + rest + '\n';
}

void Lines::verbatim(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    text_ += std::string(kIndent, ' ') + telemetry::to_line(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace sluice::explain
