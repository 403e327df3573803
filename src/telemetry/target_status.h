// What the gate of a target says of itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::telemetry {

// A label value and a word of /status.
enum class BreakerState : std::uint8_t { closed, open, half_open };
inline constexpr std::array kAllBreakerStates{BreakerState::closed, BreakerState::open,
                                              BreakerState::half_open};
std::string_view to_string(BreakerState state);

struct TargetStatus {
  BreakerState breaker = BreakerState::closed;
  StallReason reason = StallReason::flowing;  // why it is not closed
  std::string detail;                         // the same in plain words; empty when closed
  WallTime since{};                           // of not being closed, or of being closed again
  std::optional<WallTime> next_probe;         // where it is open
  std::optional<WallTime> throttled_until;    // where the target asked us to wait
  std::size_t concurrency_limit = 0;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;  // workers and partitions that were refused and ask again
};

}  // namespace sluice::telemetry
