#include "codec/date_time.h"

#include <chrono>
#include <cstddef>
#include <optional>

namespace sluice::codec {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

// Two digits at `at`, at most `max`.
bool is_field(std::string_view text, std::size_t at, unsigned max) {
  const auto value = number(text.substr(at, 2));
  return value && *value <= max;
}

bool is_zone(std::string_view text) {
  if (text == "Z" || text == "z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_field(text, 1, 23) &&
         text[3] == ':' && is_field(text, 4, 59);
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  return year && month && day &&
         std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)),
                                     std::chrono::month(*month), std::chrono::day(*day))
             .ok();
}

bool is_time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return false;
  if (!is_field(text, 0, 23) || !is_field(text, 3, 59) || !is_field(text, 6, 60)) return false;
  std::size_t zone = 8;
  if (text[zone] == '.') {
    do {
      ++zone;
    } while (zone < text.size() && is_digit(text[zone]));
    if (zone == 9) return false;
  }
  return is_zone(text.substr(zone));
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == 't') &&
         is_time(text.substr(11));
}

}  // namespace sluice::codec
