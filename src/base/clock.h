// Time comes in by constructor: nothing but SystemClock reads a clock, so every test can own time.
#pragma once

#include <chrono>

namespace sluice {

using Duration = std::chrono::nanoseconds;
// Monotonic: for intervals and deadlines. Meaningless outside this process.
using Instant = std::chrono::steady_clock::time_point;
// Wall time: for people, record timestamps and Retry-After dates. May jump both ways.
using WallTime = std::chrono::system_clock::time_point;

// Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;
};

}  // namespace sluice
