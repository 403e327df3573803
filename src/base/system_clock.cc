#include "base/system_clock.h"

namespace sluice {

Instant SystemClock::now() const { return std::chrono::steady_clock::now(); }

WallTime SystemClock::wall_now() const { return std::chrono::system_clock::now(); }

}  // namespace sluice
