#include "glance/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "telemetry/text.h"

namespace sluice::glance {
namespace {

constexpr std::string_view kMore = "...";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The bytes of its first columns.
std::string_view first(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (continues(text[end])) continue;
    if (columns == 0) break;
    --columns;
  }
  return text.substr(0, end);
}

std::string decimal(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string blanks(std::string_view text, std::size_t columns) {
  return std::string(columns - std::min(columns, width(text)), ' ');
}

// "3m20s" of two units that follow each other.
std::string two(std::int64_t large, const char* unit, std::int64_t small, const char* next_unit) {
  std::string text = std::to_string(large) + unit;
  if (small > 0) text += std::to_string(small) + next_unit;
  return text;
}

// U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: three bytes each.
bool turns_writing(std::string_view character) {
  if (character.size() < 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xAA && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string line = telemetry::to_line(text);
  for (std::size_t at = line.find('\xE2'); at != line.npos; at = line.find('\xE2', at + 1)) {
    if (turns_writing(std::string_view(line).substr(at))) line.replace(at, 3, " ");
  }
  return line;
}

std::size_t width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  if (columns <= kMore.size()) return std::string(first(text, columns));
  return std::string(first(text, columns - kMore.size())) + std::string(kMore);
}

std::string cut_name(std::string_view name, std::size_t columns) {
  const std::size_t all = width(name);
  if (all <= columns || columns <= 2 * kMore.size()) return cut(name, columns);
  const std::size_t ahead = (columns - kMore.size()) / 2;
  const std::size_t behind = columns - kMore.size() - ahead;
  const std::string_view before_end = first(name, all - behind);
  return std::string(first(name, ahead)) + std::string(kMore) +
         std::string(name.substr(before_end.size()));
}

std::string left(std::string_view text, std::size_t columns) {
  const std::string shown = cut(text, columns);
  return shown + blanks(shown, columns);
}

std::string right(std::string_view text, std::size_t columns) {
  const std::string shown = cut(text, columns);
  return blanks(shown, columns) + shown;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t most) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    if (lines.size() + 1 == most) {
      lines.push_back(cut(text, columns));
      break;
    }
    std::string_view line = first(text, columns);
    if (line.size() < text.size() && text[line.size()] != ' ') {
      const std::size_t blank = line.rfind(' ');
      if (blank != line.npos && blank > 0) line = line.substr(0, blank);
    }
    text.remove_prefix(line.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    lines.emplace_back(line);
  }
  return lines;
}

std::vector<std::string> wrapped_command(std::string_view command, std::size_t columns) {
  constexpr std::string_view kGoesOn = " \\";
  std::vector<std::string> lines;
  while (width(command) > columns) {
    std::size_t blank = command.rfind(" --", columns - kGoesOn.size());
    if (blank == command.npos || blank == 0) blank = command.find(" --", columns);
    if (blank == command.npos) break;
    lines.push_back(std::string(command.substr(0, blank)) + std::string(kGoesOn));
    command.remove_prefix(blank + 1);
  }
  lines.emplace_back(command);
  return lines;
}

std::string count(std::optional<double> number) {
  if (!number) return "-";
  double value = *number;
  const char* unit = "";
  for (const char* next : {"k", "M", "G", "T"}) {
    if (std::fabs(value) < 9999.5) break;
    value /= 1000;
    unit = next;
  }
  const bool short_enough = *unit == '\0' || value >= 99.95;
  return decimal(value, short_enough ? 0 : 1) + unit;
}

std::string rate(std::optional<double> per_second) {
  if (!per_second) return "-";
  if (*per_second == 0) return "0";
  return *per_second < 9.95 ? decimal(*per_second, 1) : count(per_second);
}

std::string latency(std::optional<double> seconds) {
  if (!seconds) return "-";
  if (*seconds < 0.9995) return decimal(*seconds * 1000, 0) + "ms";
  if (*seconds < 9.95) return decimal(*seconds, 1) + "s";
  constexpr double kLongest = 1e9;
  return duration(std::chrono::seconds(std::llround(std::min(*seconds, kLongest))));
}

std::string duration(Duration duration) {
  const std::int64_t seconds =
      std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(duration).count(), 0);
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (minutes == 0) return std::to_string(seconds) + "s";
  if (hours == 0) return two(minutes, "m", seconds % 60, "s");
  if (hours < 24) return two(hours, "h", minutes % 60, "m");
  const std::int64_t days = hours / 24;
  return two(days, "d", days < 100 ? hours % 24 : 0, "h");
}

}  // namespace sluice::glance
