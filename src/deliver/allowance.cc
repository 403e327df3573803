#include "deliver/allowance.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "deliver/retry_after.h"
#include "deliver/trim.h"

namespace sluice::deliver {
namespace {

// Seconds from now are never as many as a Unix time; nor are a Unix time's seconds as many as its
// milliseconds.
constexpr double kFirstUnixSeconds = 1e9;
constexpr double kFirstUnixMilliseconds = 1e12;

// Digits, maybe with a fraction: what any of the headers hold.
std::optional<double> parse_number(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return {};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> number_in(const http::Answer& answer, std::string_view name) {
  const std::string* text = answer.header(name);
  return text == nullptr ? std::nullopt : parse_number(*text);
}

std::optional<Allowance> make_allowance(std::optional<double> remaining,
                                        std::optional<double> reset, WallTime now) {
  if (!remaining || !reset) return std::nullopt;
  double seconds = *reset;
  if (seconds >= kFirstUnixMilliseconds) seconds /= 1000;
  if (seconds >= kFirstUnixSeconds) {
    seconds -= std::chrono::duration<double>(now.time_since_epoch()).count();
  }
  if (!(seconds > 0)) return std::nullopt;  // over already
  const double longest = std::chrono::duration<double>(kLongestRetryAfter).count();
  Allowance allowance;
  allowance.remaining = static_cast<std::uint64_t>(std::min(*remaining, 1e15));
  allowance.reset =
      std::chrono::ceil<Duration>(std::chrono::duration<double>(std::min(seconds, longest)));
  return allowance;
}

// The value of a parameter of one policy, such as r in `"name";r=5;t=30`.
std::optional<double> parameter(std::string_view policy, char name) {
  while (!policy.empty()) {
    const auto end = std::min(policy.find(';'), policy.size());
    const std::string_view part = trim(policy.substr(0, end));
    if (part.size() > 2 && part[0] == name && part[1] == '=') return parse_number(part.substr(2));
    policy.remove_prefix(std::min(end + 1, policy.size()));
  }
  return std::nullopt;
}

std::optional<Allowance> read_policies(std::string_view header, WallTime now) {
  std::optional<Allowance> tightest;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const std::string_view policy = header.substr(0, end);
    const auto found = make_allowance(parameter(policy, 'r'), parameter(policy, 't'), now);
    if (found && (!tightest || found->remaining < tightest->remaining)) tightest = found;
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return tightest;
}

}  // namespace

std::optional<Allowance> read_allowance(const http::Answer& answer, WallTime now) {
  if (const std::string* header = answer.header("ratelimit")) {
    if (const auto found = read_policies(*header, now)) return found;
  }
  for (const std::string prefix : {"ratelimit-", "x-ratelimit-"}) {
    const auto found = make_allowance(number_in(answer, prefix + "remaining"),
                                      number_in(answer, prefix + "reset"), now);
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace sluice::deliver
