// Why a worker stands still, and for how long it has.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::pipeline {

struct Stall {
  StallReason reason = StallReason::flowing;
  std::string detail;  // what stands in the way, and what happens next
};

// Keeps the current stall and since when; tells when it changes. The wall clock, which may step, is
// for dates alone.
class StallWatch {
 public:
  // From here on it is starting.
  void start(Instant now, WallTime wall) {
    began_ = now;
    since_ = wall;
  }

  // Where the reason is another than before (a new detail alone is no change): how long the one
  // before held.
  std::optional<Duration> update(Stall stall, Instant now, WallTime wall) {
    std::optional<Duration> held;
    if (stall.reason != current_.reason) {
      held = now - std::exchange(began_, now);
      since_ = wall;
    }
    current_ = std::move(stall);
    return held;
  }

  const Stall& current() const { return current_; }
  WallTime since() const { return since_; }

 private:
  Stall current_{StallReason::starting, {}};
  Instant began_{};
  WallTime since_{};
};

}  // namespace sluice::pipeline
