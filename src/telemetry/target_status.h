// What the gate of a target says of itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "telemetry/condition.h"

namespace sluice::telemetry {

// A label value and a word of /status.
enum class BreakerState : std::uint8_t { closed, open, half_open };
inline constexpr std::array kAllBreakerStates{BreakerState::closed, BreakerState::open,
                                              BreakerState::half_open};
std::string_view to_string(BreakerState state);

// One limit of the target, or of one of its paths.
struct BudgetStatus {
  std::string path;   // empty: the whole target's
  std::string limit;  // as it is configured
  double used = 0;    // the part of what this process may spend in a window, in the last one
};

struct CredentialStatus {
  std::string tenant = {};  // empty: the target has none
  std::optional<WallTime> in_use_since = {};
  std::optional<WallTime> expires = {};  // nullopt: it does not say
  bool newest_refused = false;
};

// The condition says why the breaker is not closed; since when it is not, or is again.
struct TargetStatus : Condition {
  BreakerState breaker = BreakerState::closed;
  std::optional<WallTime> throttled_until;  // where the target asked us to wait
  std::size_t concurrency_limit = 0;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;  // workers and partitions that were refused and ask again
  std::vector<BudgetStatus> budgets = {};
  std::vector<CredentialStatus> credentials = {};
};

}  // namespace sluice::telemetry
