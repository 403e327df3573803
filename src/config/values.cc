#include "config/values.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "config/number_pattern.h"

namespace sluice::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit kDurationUnits[] = {{"d", 86'400'000'000'000},
                                   {"h", 3'600'000'000'000},
                                   {"m", 60'000'000'000},
                                   {"s", 1'000'000'000},
                                   {"ms", 1'000'000}};
constexpr std::string_view kDurationRemedy =
    "write a whole number and one of ms, s, m, h, d, such as 500ms";

constexpr Unit kSizeUnits[] = {
    {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};
constexpr std::string_view kSizeRemedy =
    "write a whole number and one of B, KiB, MiB, GiB, such as 512KiB";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

tl::unexpected<Error> wrong(std::string_view text, std::string_view what, std::string_view remedy) {
  return fail(in_quotes(text) + " " + std::string(what), std::string(remedy));
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// It means octal to some YAML readers and nothing to others.
bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

tl::unexpected<Error> leading_zero(std::string_view text) {
  const std::size_t end = std::min(
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()),
      text.size());
  const std::size_t first = std::min(text.find_first_not_of('0'), end - 1);
  return wrong(text, "begins with a zero that means nothing",
               "write " + in_quotes(text.substr(first)) + " without it");
}

Result<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                      std::string_view remedy) {
  if (text == "0") return 0;
  if (text.starts_with('-')) return wrong(text, "is negative", remedy);
  const auto digits_end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = static_cast<std::size_t>(digits_end - text.begin());
  const std::string_view unit_name = text.substr(digits);
  if (digits == 0) return wrong(text, "is not a number with a unit", remedy);
  if (has_leading_zero(text)) return leading_zero(text);
  if (unit_name.empty()) return wrong(text, "has no unit", remedy);
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_name; });
  if (unit == units.end()) return wrong(text, "has no unit known here", remedy);
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto number = to_number(text.substr(0, digits));
  if (!number || *number > kMost / unit->factor) return wrong(text, "is too large", remedy);
  return *number * unit->factor;
}

std::string format_with_unit(std::uint64_t amount, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (amount >= unit.factor && amount % unit.factor == 0) {
      return std::to_string(amount / unit.factor) + std::string(unit.name);
    }
  }
  return "0";
}

std::string pattern_with_unit(std::uint64_t low, std::uint64_t high, std::span<const Unit> units) {
  std::string out = low == 0 ? "^(0" : "";
  for (const Unit& unit : units) {
    const std::uint64_t least = (low + unit.factor - 1) / unit.factor;
    const std::uint64_t most = high / unit.factor;
    if (least > most) continue;
    out += (out.empty() ? "^(" : "|") + number_pattern(least, most) + std::string(unit.name);
  }
  return out + ")$";
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  return parse_with_unit(text, kDurationUnits, kDurationRemedy).map([](std::uint64_t count) {
    return Duration(static_cast<Duration::rep>(count));
  });
}

Result<std::size_t> parse_size(std::string_view text) {
  return parse_with_unit(text, kSizeUnits, kSizeRemedy);
}

Result<double> parse_percent(std::string_view text) {
  constexpr std::string_view kRemedy = "write a percentage, such as 50%";
  if (!text.ends_with('%')) return wrong(text, "has no percent sign", kRemedy);
  if (has_leading_zero(text)) return leading_zero(text);
  const auto number = parse_decimal(text.substr(0, text.size() - 1));
  if (!number) return wrong(text, "is not a percentage", kRemedy);
  return *number / 100;
}

Result<std::uint64_t> parse_whole(std::string_view text) {
  constexpr std::string_view kRemedy = "write digits only, such as 8";
  if (text.starts_with('-')) return wrong(text, "is negative", kRemedy);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
    return wrong(text, "is not a whole number", kRemedy);
  }
  if (has_leading_zero(text)) return leading_zero(text);
  const auto number = to_number(text);
  if (!number) return wrong(text, "is too large", kRemedy);
  return *number;
}

Result<double> parse_decimal(std::string_view text) {
  constexpr std::string_view kRemedy = "write a number, such as 1.5";
  if (has_leading_zero(text)) return leading_zero(text);
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back()) || error != std::errc() ||
      stop != end) {
    return wrong(text, "is not a number", kRemedy);
  }
  return number;
}

std::string format_duration(Duration duration) {
  return format_with_unit(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string format_size(std::size_t bytes) { return format_with_unit(bytes, kSizeUnits); }

std::string duration_pattern(Duration low, Duration high) {
  return pattern_with_unit(static_cast<std::uint64_t>(low.count()),
                           static_cast<std::uint64_t>(high.count()), kDurationUnits);
}

std::string size_pattern(std::size_t low, std::size_t high) {
  return pattern_with_unit(low, high, kSizeUnits);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string out = "\"";
  std::size_t end = std::min(text.size(), kLongest);
  // Not in the middle of a UTF-8 sequence.
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  for (const char c : text.substr(0, end)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return out + (end < text.size() ? "...\"" : "\"");
}

}  // namespace sluice::config
