// So many a second.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace sluice::demo {

// What was not taken in time is forgone: whoever was held up goes on at the same pace, without a
// burst.
class Pace {
 public:
  Pace(std::uint32_t per_second, Instant now) : per_second_(per_second), last_(now) {}

  // How many are due now; they count as done.
  std::uint32_t take(Instant now) {
    static constexpr double kMostSeconds = 0.1;
    const double passed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    credit_ += std::min(passed, kMostSeconds) * per_second_;
    const auto due = static_cast<std::uint32_t>(credit_);
    credit_ -= due;
    return due;
  }

 private:
  const std::uint32_t per_second_;
  Instant last_;
  double credit_ = 0;
};

}  // namespace sluice::demo
