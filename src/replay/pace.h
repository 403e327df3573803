// How a long command waits, and learns that it is to stop.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::replay {

class Waiting {
 public:
  virtual ~Waiting() = default;
  // Returns when `time` is over, or sooner where it is asked to stop: false then, and ever after.
  virtual bool wait(Duration time) = 0;
};

// "100/s", "600/m", "1000/h"; the result is per second.
Result<double> parse_rate(std::string_view text);

// Lets letters pass one by one, never more than `per_second`, and none to catch up.
class Pace {
 public:
  Pace(double per_second, const Clock& clock, Waiting& waiting)
      : per_second_(per_second),
        gap_(static_cast<Duration::rep>(1e9 / per_second)),
        clock_(clock),
        waiting_(waiting),
        next_(clock.now()) {}

  // Returns when the next one may go; false: stop instead.
  bool pass() {
    if (!waiting_.wait(std::max(Duration::zero(), next_ - clock_.now()))) return false;
    next_ = std::max(next_, clock_.now() - gap_) + gap_;
    return true;
  }
  Waiting& waiting() { return waiting_; }
  double per_second() const { return per_second_; }

 private:
  double per_second_;
  Duration gap_;
  const Clock& clock_;
  Waiting& waiting_;
  Instant next_;
};

}  // namespace sluice::replay
