#include "deliver/clock_difference.h"

#include <chrono>

#include "deliver/http_date.h"

namespace sluice::deliver {
namespace {

// APIs commonly allow some minutes; a round trip takes seconds at most.
constexpr std::chrono::seconds kLargest(30);

}  // namespace

std::optional<std::string> clock_difference(const http::Answer& answer, WallTime now) {
  const std::string* const header = answer.header("date");
  const auto theirs = header == nullptr ? std::nullopt : parse_http_date(*header);
  if (!theirs) return std::nullopt;
  const auto ahead = *theirs - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  if (std::chrono::abs(ahead) <= kLargest) return std::nullopt;
  return "the API's clock is " + std::to_string(std::chrono::abs(ahead).count()) + " s " +
         (ahead.count() > 0 ? "ahead of" : "behind") + " this machine's";
}

}  // namespace sluice::deliver
