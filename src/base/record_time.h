#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

// The moment that a record's timestamp names. Its producer chose the number: where WallTime cannot
// hold it (a count of microseconds, the year 3000) it is the latest or earliest moment there is.
inline WallTime record_time(std::int64_t timestamp_ms) {
  using std::chrono::milliseconds;
  constexpr auto kLatest = std::chrono::floor<milliseconds>(WallTime::duration::max());
  constexpr auto kEarliest = std::chrono::ceil<milliseconds>(WallTime::duration::min());
  return WallTime(std::clamp(milliseconds(timestamp_ms), kEarliest, kLatest));
}

}  // namespace sluice
