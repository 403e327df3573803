#include "codec/envelope.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/version.h"
#include "codec/date_time.h"

namespace sluice::codec {
namespace {

constexpr std::size_t kMaxDetail = 512;
constexpr std::size_t kMaxRequestId = 256;
// Of the year 9999; the producer chose the timestamp.
constexpr std::int64_t kLatestTimestampMs = 253'402'300'799'999;

// At most `limit` bytes, without cutting a UTF-8 character in two.
std::string_view prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  constexpr std::size_t kLongestCharacter = 4;
  std::size_t end = limit;
  while (end > 0 && limit - end < kLongestCharacter &&
         (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string iso8601(std::chrono::sys_time<std::chrono::milliseconds> time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string iso8601(WallTime time) {
  return iso8601(std::chrono::floor<std::chrono::milliseconds>(time));
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

// RFC 9110, 11.2: what credentials are written in.
bool is_token68(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// APIs that echo a request's headers echo ours.
std::string without_credentials(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t scheme = 0;
    for (const std::string_view name : {"bearer ", "basic "}) {
      if (equals_ignoring_case(text.substr(at, name.size()), name)) scheme = name.size();
    }
    if (scheme == 0) {
      out += text[at++];
      continue;
    }
    const std::size_t token = at + scheme;
    out += text.substr(at, scheme);
    at = token;
    while (at < text.size() && is_token68(text[at])) ++at;
    // A short word is prose: "bearer token expired".
    constexpr std::size_t kShortest = 8;
    out += at - token < kShortest ? text.substr(token, at - token) : "***";
  }
  return out;
}

class Headers {
 public:
  void add(std::string_view name, std::string value) {
    if (value.empty()) return;
    headers_.push_back({std::string(kEnvelopePrefix).append(name), std::move(value)});
  }
  std::vector<OwnedHeader> take() { return std::move(headers_); }

 private:
  std::vector<OwnedHeader> headers_;
};

}  // namespace

std::string envelope_timestamp(std::int64_t timestamp_ms) {
  if (timestamp_ms < 0 || timestamp_ms > kLatestTimestampMs) return {};
  return iso8601(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(timestamp_ms)));
}

std::int64_t envelope_timestamp_ms(std::string_view text) {
  constexpr std::string_view kForm = "2026-11-25T08:00:00.000Z";
  if (text.size() != kForm.size() || text[19] != '.' || !is_date_time(text)) return -1;
  const auto number = [text](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  using namespace std::chrono;
  const sys_days date = year(number(0, 4)) / number(5, 2) / number(8, 2);
  const milliseconds time = hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2)) +
                            milliseconds(number(20, 3));
  return (date.time_since_epoch() + time).count();
}

std::vector<OwnedHeader> envelope(const DeadLetterOrigin& origin, const DeadLetterCause& cause,
                                  WallTime failed_at) {
  const std::string partition = std::to_string(origin.partition);
  const std::string offset = std::to_string(origin.offset);
  Headers headers;
  headers.add("id", origin.topic + '/' + partition + '/' + offset);
  headers.add("pipeline", printable(origin.pipeline));
  headers.add("topic", origin.topic);
  headers.add("partition", partition);
  headers.add("offset", offset);
  headers.add("timestamp", envelope_timestamp(origin.timestamp_ms));
  headers.add("reason", std::string(to_string(cause.reason)));
  headers.add("detail", printable(prefix(cause.detail, kMaxDetail)));
  if (cause.verdict) headers.add("verdict", std::string(to_string(*cause.verdict)));
  if (cause.status) headers.add("status", std::to_string(*cause.status));
  headers.add("response", printable(without_credentials(cause.response_excerpt)));
  headers.add("batch_id", printable(cause.batch_id));
  headers.add("request_id", printable(prefix(cause.request_id, kMaxRequestId)));
  headers.add("attempts", std::to_string(cause.attempts));
  if (cause.first_attempt) headers.add("first_attempt", iso8601(*cause.first_attempt));
  if (cause.last_attempt) headers.add("last_attempt", iso8601(*cause.last_attempt));
  headers.add("failed_at", iso8601(failed_at));
  headers.add("version", std::string(kVersion));
  return headers.take();
}

std::vector<OwnedHeader> without_envelope(std::vector<OwnedHeader> headers) {
  std::erase_if(headers, [](const OwnedHeader& header) {
    return header.name.starts_with(kEnvelopePrefix) && header.name != kReplaysHeader &&
           header.name != kReplayOfHeader;
  });
  return headers;
}

OwnedHeader oversized_marker(std::size_t value_bytes) {
  return {std::string(kEnvelopePrefix) + "oversized", std::to_string(value_bytes)};
}

}  // namespace sluice::codec
