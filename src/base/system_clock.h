#pragma once

#include "base/clock.h"

namespace sluice {

// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall_now() const override;
};

}  // namespace sluice
