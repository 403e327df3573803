#include "replay/filter.h"

#include <algorithm>

#include "config/values.h"

namespace sluice::replay {
namespace {

constexpr int kLowestStatus = 100;
constexpr int kHighestStatus = 599;

bool has(const std::vector<std::string>& wanted, const std::string& text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

bool has(const std::vector<StatusSpan>& wanted, std::optional<int> status) {
  if (wanted.empty()) return true;
  return std::any_of(wanted.begin(), wanted.end(), [&](const StatusSpan& span) {
    return status.value_or(0) >= span.first && status.value_or(0) <= span.last;
  });
}

std::optional<int> status_number(std::string_view text) {
  const auto number = whole_number(text);
  if (!number || *number < kLowestStatus || *number > kHighestStatus) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace

Result<StatusSpan> parse_status(std::string_view text) {
  if (text == "none") return StatusSpan{};
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '5' && text.substr(1) == "xx") {
    const int hundred = (text[0] - '0') * 100;
    return StatusSpan{hundred, hundred + 99};
  }
  const std::size_t dash = text.find('-');
  const auto first = status_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : status_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) {
    return fail("no status is " + config::in_quotes(text), "write 400, 4xx, 400-499 or none");
  }
  return StatusSpan{*first, *last};
}

Result<WallTime> parse_when(std::string_view text, WallTime now) {
  if (const auto ago = config::parse_duration(text)) {
    return now - std::chrono::duration_cast<WallTime::duration>(*ago);
  }
  if (const auto time = config::parse_time(text)) return *time;
  return fail("no time is " + config::in_quotes(text),
              "write one like 2026-11-25T08:00:00Z, or how long ago: 2h");
}

bool Filter::fits(const Letter& letter) const {
  if (!has(pipelines, letter.pipeline) || !has(reasons, letter.reason)) return false;
  if (!has(statuses, letter.status) || !has(ids, letter.id())) return false;
  if (at && *at != letter.place) return false;
  if (since && letter.failed_at < *since) return false;
  if (until && letter.failed_at >= *until) return false;
  if (from_offset && letter.place.offset < *from_offset) return false;
  return !to_offset || letter.place.offset <= *to_offset;
}

}  // namespace sluice::replay
