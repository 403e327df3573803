#pragma once

#include <cstdint>
#include <deque>

#include "base/clock.h"

namespace sluice::simulator {

// Counts the requests of the last second, whichever second one looks at: there is no boundary at
// which twice the limit may pass. Not thread-safe.
class RateWindow {
 public:
  // Whether one more is within `limit`; then it is counted. What is refused is not. `now` does not
  // go backwards.
  bool take(Instant now, std::uint32_t limit) {
    while (!taken_.empty() && now - taken_.front() >= std::chrono::seconds(1)) taken_.pop_front();
    if (taken_.size() >= limit) return false;
    taken_.push_back(now);
    return true;
  }

 private:
  std::deque<Instant> taken_;
};

}  // namespace sluice::simulator
