// Why a worker stands still, and for how long it has.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::pipeline {

struct Stall {
  StallReason reason = StallReason::flowing;
  std::string detail;  // what stands in the way, and what happens next
};

// Keeps the current stall and since when; tells when it changes.
class StallWatch {
 public:
  // From here on it is starting.
  void start(WallTime wall) { since_ = wall; }

  // True: the reason is another than before (a new detail alone is no change).
  bool update(Stall stall, WallTime wall) {
    const bool changed = stall.reason != current_.reason;
    if (changed) since_ = wall;
    current_ = std::move(stall);
    return changed;
  }

  const Stall& current() const { return current_; }
  WallTime since() const { return since_; }

 private:
  Stall current_{StallReason::starting, {}};
  WallTime since_{};
};

}  // namespace sluice::pipeline
