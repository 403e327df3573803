// Notices that the process did not run for a while.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace sluice::pipeline {

// A process that was stopped (SIGSTOP, a debugger, a frozen machine) may have been put out of its
// group without knowing: until the broker confirms a commit it must not send, since another member
// may be sending the same records. Frozen machines stop the monotonic clock too, so the wall clock
// is looked at as well; where that one merely jumped, the price is one commit.
class FreezeWatch {
 public:
  explicit FreezeWatch(Duration longest) : longest_(longest) {}

  // Called once a turn. True: more than `longest` passed since the last call.
  bool tick(Instant now, WallTime wall) {
    const bool frozen = last_ && (now - *last_ > longest_ || wall - last_wall_ > longest_);
    last_ = now;
    last_wall_ = wall;
    return frozen;
  }

 private:
  Duration longest_;
  std::optional<Instant> last_;
  WallTime last_wall_{};
};

}  // namespace sluice::pipeline
