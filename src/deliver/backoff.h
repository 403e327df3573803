// How long to wait before the next attempt.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace sluice::deliver {

// Exponential backoff with full jitter: uniform in [0, min(max, initial * multiplier^n)) for the
// n-th failure in a row, so that clients that failed together do not come back together (Brooker,
// "Exponential Backoff And Jitter", 2015). Not thread-safe.
class Backoff {
 public:
  struct Limits {
    Duration initial;
    Duration max;
    double multiplier = 2;
  };

  Backoff(const Limits& limits, Random& random) : limits_(limits), random_(random) {}

  // The wait after one more failure.
  Duration next() {
    const double ceiling = std::min(
        static_cast<double>(limits_.max.count()),
        static_cast<double>(limits_.initial.count()) * std::pow(limits_.multiplier, failures_));
    ++failures_;
    return Duration(static_cast<Duration::rep>(ceiling * random_.next_unit()));
  }

  void reset() { failures_ = 0; }
  std::uint32_t failures() const { return failures_; }

 private:
  Limits limits_;
  Random& random_;
  std::uint32_t failures_ = 0;
};

}  // namespace sluice::deliver
