// Why a worker or partition stands still, and for how long it has.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "telemetry/condition.h"

namespace sluice::pipeline {

// As telemetry::Condition says, before it is known since when.
struct Stall {
  StallReason reason = StallReason::flowing;
  std::string detail = {};
  std::string next = {};
  std::optional<Instant> next_at = {};
  std::vector<std::string> release = {};
};

// Keeps the current stall and since when; tells when it changes. The wall clock, which may step, is
// for dates alone.
class StallWatch {
 public:
  explicit StallWatch(StallReason first) { current_.reason = first; }

  // From here on it has its first reason.
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

  telemetry::Condition condition(Instant now, WallTime wall) const {
    telemetry::Condition shown{current_.reason, current_.detail, since_, current_.next, {},
                               current_.release};
    if (current_.next_at) {
      shown.next_at =
          wall + std::chrono::duration_cast<WallTime::duration>(*current_.next_at - now);
    }
    return shown;
  }

 private:
  Stall current_;
  Instant began_{};
  WallTime since_{};
};

}  // namespace sluice::pipeline
