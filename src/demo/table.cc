#include "demo/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "telemetry/text.h"

namespace sluice::demo {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kPlain = "\033[0m";

// Widths of the columns; negative: flush left.
constexpr std::array kWidths{-15, 7, 10, 5, 7, 6, 7, 5};
constexpr int kBreakerWidth = -5;
constexpr std::size_t kReasonWidth = 12;  // of breaker_open; longer ones are cut

std::string padded(std::string_view text, int width) {
  const std::size_t wanted = static_cast<std::size_t>(std::abs(width));
  const std::string fill(wanted > text.size() ? wanted - text.size() : 0, ' ');
  return width < 0 ? std::string(text) + fill : fill + std::string(text);
}

std::string in_colour(const std::string& text, const char* colour, bool wanted) {
  return wanted ? colour + text + kPlain : text;
}

std::string decimal(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string rate(double per_second) { return decimal(per_second, per_second < 10 ? 1 : 0); }

// "<10ms": a histogram only tells a bound.
std::string bound(const std::optional<double>& seconds) {
  if (!seconds) return "-";
  if (std::isinf(*seconds)) return ">60s";
  const double ms = *seconds * 1000;
  if (ms >= 1000) return '<' + decimal(*seconds, std::floor(*seconds) == *seconds ? 0 : 1) + 's';
  return '<' + decimal(ms, std::floor(ms) == ms ? 0 : 1) + "ms";
}

using Cells = std::array<std::string, kWidths.size()>;

std::string numbers(const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += padded(cells[i], kWidths[i]);
  return line + " ";
}

// With a blank in front of it as wide as its column at most: "12345", "123k", "12M".
std::string count(std::uint64_t value, std::size_t column) {
  std::string text = std::to_string(value);
  for (const char* unit : {"k", "M", "G", "T"}) {
    if (text.size() < static_cast<std::size_t>(std::abs(kWidths.at(column)))) break;
    value /= 1000;
    text = std::to_string(value) + unit;
  }
  return text;
}

std::string heading(bool colour) {
  const std::string line =
      numbers({"pipeline", "in", "delivered", "dead", "lag", "req/s", "p99", "429s"}) +
      padded("brk", kBreakerWidth) + "reason";
  return in_colour(line, kBold, colour) + '\n';
}

Cells cells_of(const PipelineRow& row) {
  return {row.pipeline,
          count(row.consumed, 1),
          count(row.delivered, 2),
          count(row.dead_lettered, 3),
          count(row.lag, 4),
          rate(row.requests_per_second),
          bound(row.p99_seconds),
          count(row.throttled, 7)};
}

std::string line_of(const PipelineRow& row, bool colour) {
  const std::string breaker = padded(row.breaker_open ? "open" : "ok", kBreakerWidth);
  const std::string reason(to_string(row.reason).substr(0, kReasonWidth));
  return numbers(cells_of(row)) + in_colour(breaker, kRed, colour && row.breaker_open) +
         in_colour(reason, kYellow, colour && row.reason != StallReason::flowing) + '\n';
}

std::string sum_of(const std::vector<PipelineRow>& rows, bool colour) {
  PipelineRow sum;
  for (const auto& row : rows) {
    sum.consumed += row.consumed;
    sum.delivered += row.delivered;
    sum.dead_lettered += row.dead_lettered;
    sum.lag += row.lag;
    sum.requests_per_second += row.requests_per_second;
    sum.throttled += row.throttled;
  }
  Cells cells = cells_of(sum);
  cells[0] = "all";
  cells[6] = "";
  std::string line = numbers(cells);
  line.erase(line.find_last_not_of(' ') + 1);
  return in_colour(line, kBold, colour) + '\n';
}

// On one line of the table's width, whole characters only.
std::string cut(std::string_view text) {
  std::string line = telemetry::to_line(text);
  if (line.size() <= kColumns) return line + '\n';
  std::size_t end = kColumns - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end) + "...\n";
}

}  // namespace

std::string table(const std::vector<PipelineRow>& rows, std::string_view warning, bool colour) {
  std::string text = heading(colour);
  for (const auto& row : rows) text += line_of(row, colour);
  text += sum_of(rows, colour);
  const auto still = std::find_if(rows.begin(), rows.end(), [](const PipelineRow& row) {
    return row.reason != StallReason::flowing && !row.detail.empty();
  });
  text += still != rows.end() ? cut(still->pipeline + ": " + still->detail) : "\n";
  text += warning.empty() ? "\n" : cut(warning);
  return text;
}

}  // namespace sluice::demo
