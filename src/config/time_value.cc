// Points in time, as RFC 3339 writes them.
#include <array>
#include <chrono>
#include <optional>

#include "config/values.h"

namespace sluice::config {
namespace {

// The whole years that WallTime holds.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t count, int most) {
    int value = 0;
    if (text_.size() < count) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value <= most ? std::optional(value) : std::nullopt;
  }
  // ".5": at most nine digits count.
  std::optional<std::chrono::nanoseconds> fraction() {
    std::int64_t unit = 1'000'000'000;
    std::int64_t value = 0;
    std::size_t count = 0;
    while (const auto digit = digits(1, 9)) {
      ++count;
      if (unit == 1) continue;
      unit /= 10;
      value += *digit * unit;
    }
    return count > 0 ? std::optional(std::chrono::nanoseconds(value)) : std::nullopt;
  }

 private:
  std::string_view text_;
};

std::optional<std::chrono::sys_days> scan_date(Scanner& in) {
  const auto year = in.digits(4, kLastYear);
  if (!year || *year < kFirstYear || !in.skip('-')) return std::nullopt;
  const auto month = in.digits(2, 12);
  if (!month || !in.skip('-')) return std::nullopt;
  const auto day = in.digits(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<std::chrono::minutes> scan_hour_and_minute(Scanner& in) {
  const auto hour = in.digits(2, 23);
  if (!hour || !in.skip(':')) return std::nullopt;
  const auto minute = in.digits(2, 59);
  if (!minute) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

std::optional<std::chrono::nanoseconds> scan_time_of_day(Scanner& in) {
  const auto minutes = scan_hour_and_minute(in);
  if (!minutes) return std::nullopt;
  std::chrono::nanoseconds time = *minutes;
  if (!in.skip(':')) return time;
  const auto second = in.digits(2, 60);
  if (!second) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!in.skip('.')) return time;
  const auto fraction = in.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

// What has to be added to get UTC.
std::optional<std::chrono::minutes> scan_zone(Scanner& in) {
  if (in.skip('Z') || in.skip('z')) return std::chrono::minutes(0);
  const bool east = in.skip('+');
  if (!east && !in.skip('-')) return std::nullopt;
  const auto offset = scan_hour_and_minute(in);
  if (!offset) return std::nullopt;
  return east ? -*offset : *offset;
}

std::optional<WallTime> scan(std::string_view text) {
  Scanner in(text);
  const auto date = scan_date(in);
  if (!date) return std::nullopt;
  if (in.done()) return *date;
  if (!in.skip('T') && !in.skip('t')) return std::nullopt;
  const auto time = scan_time_of_day(in);
  const auto zone = time ? scan_zone(in) : std::nullopt;
  if (!zone || !in.done()) return std::nullopt;
  return *date + std::chrono::duration_cast<WallTime::duration>(*time + *zone);
}

}  // namespace

Result<WallTime> parse_time(std::string_view text) {
  if (const auto time = scan(text)) return *time;
  return fail(in_quotes(text) + " is not a time",
              "write it with its zone, such as 2026-11-25T08:00:00Z");
}

}  // namespace sluice::config
