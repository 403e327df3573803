// Retry-After, HTTP dates and the headers of rate limits: whatever they hold, a wait is from
// nothing to the longest one, and a date is read as the moment that it names.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "deliver/allowance.h"
#include "deliver/http_date.h"
#include "deliver/retry_after.h"
#include "fuzz/fuzz_input.h"

namespace {

using namespace sluice;
using fuzz::require;
using std::chrono::seconds;

constexpr seconds kHour{3600};

// RFC 9110's preferred form, by the calendar of <chrono>.
std::string imf_fixdate(seconds since_epoch) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time(since_epoch);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

void check_date(seconds when, WallTime now) {
  const std::string text = imf_fixdate(when);
  require(deliver::parse_http_date(text) == when, "a date is the moment that it names", text);
  const auto wait = deliver::parse_retry_after(text, now);
  const seconds left = when - std::chrono::floor<seconds>(now.time_since_epoch());
  require(wait == std::clamp(left, seconds(0), kHour), "a date is waited for", text);
}

void check_retry_after(const std::string& header, WallTime now) {
  const auto wait = deliver::parse_retry_after(header, now);
  const auto date = deliver::parse_http_date(header);
  if (date) {
    require(header.find('\0') == header.npos, "a date is all there is in the header", header);
    require(wait.has_value(), "a date is a wait", header);
  }
  const bool digits = !header.empty() && std::all_of(header.begin(), header.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    const double named = std::strtod(header.c_str(), nullptr);
    require(wait && static_cast<double>(std::chrono::floor<seconds>(*wait).count()) ==
                        std::min(named, static_cast<double>(kHour.count())),
            "seconds are waited for, at most an hour", header);
  }
  require(!header.starts_with('-') || !wait, "less than nothing is not a wait", header);
  if (wait) require(*wait >= Duration::zero() && *wait <= kHour, "a wait has bounds", header);
  require(deliver::parse_retry_after(" \t" + header + " ", now) == wait, "blanks do not count",
          header);
}

http::Answer read_answer(fuzz::Input& input) {
  http::Answer answer;
  while (!input.empty()) {
    const std::string line = input.text();
    const std::size_t colon = std::min(line.find(": "), line.size());
    answer.headers.push_back(
        {line.substr(0, colon), line.substr(std::min(colon + 2, line.size()))});
  }
  return answer;
}

}  // namespace

// Seconds of the clock, seconds of a date, then the lines of an answer's head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kYear2200 = 7'258'118'400;  // nanoseconds hold no more than 292 years
  constexpr std::size_t kYear9999 = 253'402'300'799;
  fuzz::Input input(data, size);
  const WallTime now{seconds(input.choice(kYear2200))};
  check_date(seconds(input.choice(kYear9999)), now);
  const http::Answer answer = read_answer(input);
  const auto allowance = deliver::read_allowance(answer, now);
  if (allowance) {
    require(allowance->reset > Duration::zero() && allowance->reset <= kHour,
            "an allowance ends, within the hour");
  }
  for (const http::Header& header : answer.headers) {
    if (header.name == "retry-after") check_retry_after(header.value, now);
  }
  return 0;
}
