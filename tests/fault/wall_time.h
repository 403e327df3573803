#pragma once

#include <chrono>
#include <cstdint>

namespace sluice::fault {

// The clock that the broker's timestamps are of: both are on one machine.
inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace sluice::fault
