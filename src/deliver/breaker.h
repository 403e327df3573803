// Stops asking a target that does not answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "base/record.h"
#include "config/config.h"
#include "deliver/admission.h"
#include "telemetry/target_status.h"

namespace sluice::deliver {

// closed -> open after `failures` in a row, or when `failure_rate` of the attempts of the last
// `window` failed and there were at least `minimum`; open for `open_for`, doubled each time the
// probes fail, at most `max_open_for`, each time with up to a tenth of jitter; then half-open:
// `probes` attempts, one at a time; the first success closes, the last failure opens again.
//
// Probes go around the lanes that wait, so that one bad record at the head of a lane cannot hold
// the target down: a lane that has probed in this outage waits while another has not. A probe that
// failed for its record's sake is spent, so that it makes no loop, but says nothing of the target:
// where no other failed either, the open time does not grow.
//
// Counts only what it let through. Pure; not thread-safe.
class Breaker {
 public:
  using State = telemetry::BreakerState;

  // Comes back through one of succeeded, failed, tripped and released.
  struct Permit {
    bool probe = false;
    bool small = false;        // the first probe of its half-open period
    std::uint32_t period = 0;  // how often the breaker had opened
  };

  Breaker(const config::CircuitBreaker& limits, Random& random)
      : limits_(limits), random_(random) {}

  // Whether a request of the lane may go now. Where not, the lane counts as waiting until it takes
  // a permit, is forgotten, or has not asked again for two seconds after ask_again().
  bool may_go(LaneId lane, Instant now);
  // Only right after may_go() said yes.
  Permit take(LaneId lane);
  // The lane has nothing to send any more.
  void forget(LaneId lane);
  // When a lane that may not go should ask again, if no word comes sooner.
  Instant ask_again(Instant now) const;

  void succeeded(Permit permit, Instant now);
  void failed(Permit permit, Blame blame, Instant now);
  // Opens at once, whatever the counts: one answer was enough to know (401, 404).
  void tripped(Permit permit, Instant now);
  // The attempt ended without saying anything of the target (cancelled, throttled).
  void released(Permit permit);
  // Half-open at once. False where it is not open.
  bool end_open_time();

  State state() const { return state_; }
  // When open: the moment of the next probe. Otherwise in the past.
  Instant open_until() const { return open_until_; }
  // The lane whose turn it is where a probe is free; nullopt where none is, or nobody waits.
  std::optional<LaneId> next_to_probe() const;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Outcome {
    Instant when;
    bool failed;
  };

  bool counts(Permit permit) const { return state_ == State::closed && permit.period == period_; }
  bool may_probe(LaneId lane) const;
  void open(Instant now, bool grow);
  void half_open();
  void close();
  void count(bool failed, Instant now);
  bool too_many_failures() const;
  void probe_failed(Blame blame, Instant now);

  config::CircuitBreaker limits_;
  Random& random_;
  State state_ = State::closed;
  std::uint32_t period_ = 0;
  std::uint32_t in_a_row_ = 0;
  std::deque<Outcome> window_;  // bounded: older outcomes leave, and at most kWindowSize stay
  std::uint32_t window_failures_ = 0;
  std::uint32_t opened_in_a_row_ = 0;
  Instant open_until_{};
  bool probing_ = false;
  std::uint32_t probes_used_ = 0;
  bool target_blamed_ = false;         // by a probe of this half-open period
  std::map<LaneId, Instant> waiting_;  // and when each is forgotten
  std::set<LaneId> probed_;            // in this outage
};

}  // namespace sluice::deliver
