#include "deliver/retry_after.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "deliver/http_date.h"
#include "deliver/trim.h"

namespace sluice::deliver {
namespace {

constexpr auto kLongest = std::chrono::duration_cast<std::chrono::seconds>(kLongestRetryAfter);

std::optional<Duration> parse_seconds(std::string_view text) {
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || seconds > kLongest.count()) return kLongest;
  return std::chrono::seconds(seconds);
}

std::optional<Duration> parse_date(const std::string& text, WallTime now) {
  const auto when = parse_http_date(text);
  if (!when) return std::nullopt;
  const auto left = *when - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  // In seconds: nanoseconds do not reach back to the year 0.
  return std::clamp<std::chrono::seconds>(left, std::chrono::seconds::zero(), kLongest);
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view header, WallTime now) {
  const std::string_view text = trim(header);
  if (auto seconds = parse_seconds(text)) return seconds;
  return parse_date(std::string(text), now);
}

}  // namespace sluice::deliver
