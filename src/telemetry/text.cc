#include "telemetry/text.h"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace sluice::telemetry {
namespace {

// The bytes of the character that `text` starts with; 0: none.
std::size_t first_character(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  unsigned codepoint = 0;
  return rapidjson::UTF8<>::Decode(stream, &codepoint) ? stream.Tell() : 0;
}

}  // namespace

std::string to_utc(WallTime when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(when - day));
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string to_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = first_character(text);
    clean += length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD";
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

std::string to_line(std::string_view text) {
  std::string line = to_utf8(text);
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  // U+0080 to U+009F, which terminals obey as they do ESC and a letter.
  for (std::size_t at = line.find('\xC2'); at != line.npos; at = line.find('\xC2', at + 1)) {
    if (static_cast<unsigned char>(line[at + 1]) < 0xA0) line.replace(at, 2, " ");
  }
  return line;
}

}  // namespace sluice::telemetry
