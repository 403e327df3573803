#include "demo/report.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace sluice::demo {
namespace {

std::string counted(const char* what, std::uint64_t count) {
  return std::string(what) + ' ' + std::to_string(count);
}

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(duration).count());
}

// "flowing", or "breaker_open (9 of 9)": what most of those that stand still wait for.
std::string state_of(const std::vector<PipelineRow>& rows) {
  std::map<StallReason, std::size_t> still;
  for (const auto& row : rows) {
    if (row.reason != StallReason::flowing) ++still[row.reason];
  }
  if (still.empty()) return "flowing";
  const auto most = std::max_element(
      still.begin(), still.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return std::string(to_string(most->first)) + " (" + std::to_string(most->second) + " of " +
         std::to_string(rows.size()) + ')';
}

}  // namespace

std::string progress_line(Duration elapsed, const Tally& tally,
                          const std::vector<PipelineRow>& rows) {
  std::uint64_t lag = 0;
  std::uint64_t throttled = 0;
  double requests = 0;
  for (const auto& row : rows) {
    lag += row.lag;
    throttled += row.throttled;
    requests += row.requests_per_second;
  }
  return seconds(elapsed) + "s  " + counted("produced", tally.produced) + "  " +
         counted("delivered", tally.delivered) + "  " +
         counted("dead-lettered", tally.dead_lettered) + "  " + counted("lag", lag) + "  " +
         std::to_string(std::llround(requests)) + " requests/s  " + counted("429s", throttled) +
         "  " + state_of(rows) + '\n';
}

std::string phase_summary(const Moment& from, const Moment& to) {
  return "In these " + seconds(to.when - from.when) +
         " s: " + counted("produced", to.tally.produced - from.tally.produced) + ", " +
         counted("delivered", to.tally.delivered - from.tally.delivered) + ", " +
         counted("dead-lettered", to.tally.dead_lettered - from.tally.dead_lettered) + ", " +
         counted("429s", to.throttled - from.throttled) + "; " +
         counted("not delivered yet", to.tally.open) + ".\n";
}

Leftover leftover(const Tally& tally,
                  const std::array<std::uint64_t, simulator::kEventTypes.size()>& committed,
                  std::uint64_t unconfirmed) {
  Leftover left;
  left.unconfirmed = unconfirmed;
  for (std::size_t type = 0; type < committed.size(); ++type) {
    const std::uint64_t produced = tally.produced_of.at(type);
    const std::uint64_t uncommitted = produced - std::min(produced, committed.at(type));
    const std::uint64_t waiting = std::min(tally.open_of.at(type), uncommitted);
    left.undelivered += waiting;
    left.lost += tally.open_of.at(type) - waiting;
  }
  return left;
}

std::string reconciliation_line(const Tally& tally, const Leftover& leftover) {
  std::string line =
      counted("produced", tally.produced) + "  " + counted("delivered", tally.delivered) + "  " +
      counted("dead-lettered", tally.dead_lettered) + "  " + std::to_string(leftover.lost) +
      " lost  " + std::to_string(tally.repeated) + " repeated";
  if (leftover.undelivered > 0) {
    line += "  " + std::to_string(leftover.undelivered) + " not delivered yet";
  }
  if (leftover.unconfirmed > 0) {
    line += "  " + std::to_string(leftover.unconfirmed) + " not confirmed";
  }
  if (tally.unknown > 0) line += "  " + std::to_string(tally.unknown) + " unknown";
  return line + '\n';
}

bool reconciles(const Tally& tally, const Leftover& leftover) {
  return leftover.lost == 0 && leftover.undelivered == 0 && leftover.unconfirmed == 0 &&
         tally.unknown == 0;
}

std::string what_is_wrong(const Tally& tally, const Leftover& leftover,
                          const std::vector<PipelineRow>& rows) {
  std::string text;
  if (leftover.lost > 0) {
    text += "Lost: " + std::to_string(leftover.lost) +
            " records are committed, but neither delivered nor dead-lettered. This is a bug of "
            "Sluice: please report it.\n";
  }
  if (leftover.undelivered > 0) {
    text += "Not delivered yet: " + std::to_string(leftover.undelivered) +
            " records are in Kafka still; whoever reads them next delivers them.\n";
    for (const auto& row : rows) {
      if (row.lag == 0) continue;
      text += "  " + row.pipeline + ": " + std::string(to_string(row.reason)) +
              (row.detail.empty() ? "" : ": " + row.detail) + '\n';
    }
  }
  if (leftover.unconfirmed > 0) {
    text += "Not confirmed: " + std::to_string(leftover.unconfirmed) +
            " records were handed to the broker, which did not say that it has them; nobody knows "
            "what became of them. The machine may be too busy: try a lower --rate.\n";
  }
  if (tally.unknown > 0) {
    text += "Unknown: " + std::to_string(tally.unknown) +
            " records came out that nobody wrote. This is a bug of Sluice: please report it.\n";
  }
  return text;
}

}  // namespace sluice::demo
