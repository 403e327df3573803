// Stops asking a target that does not answer.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"

namespace sluice::deliver {

// closed -> open after `failures` in a row, or when `failure_rate` of the attempts of the last
// `window` failed and there were at least `minimum`; open for `open_for`, doubled each time the
// probes fail, at most `max_open_for`, each time with up to a tenth of jitter; then half-open: up
// to `probes` attempts, one at a time (each may come from another partition); the first success
// closes, the last failure opens again. Counts only what it let through. Pure; not thread-safe.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  // What asking for an attempt gives: a permit that must come back through one of the four
  // functions below, or none.
  enum class Permit : std::uint8_t { none, normal, probe };

  Breaker(const config::CircuitBreaker& limits, Random& random)
      : limits_(limits), random_(random) {}

  Permit acquire(Instant now);
  void succeeded(Permit permit, Instant now);
  void failed(Permit permit, Instant now);
  // Opens at once, whatever the counts: one answer was enough to know (401, 404).
  void tripped(Permit permit, Instant now);
  // The attempt ended without saying anything of the target (cancelled, throttled).
  void released(Permit permit);

  State state() const { return state_; }
  // When open: the moment of the next probe. Otherwise in the past.
  Instant open_until() const { return open_until_; }

 private:
  struct Outcome {
    Instant when;
    bool failed;
  };

  void open(Instant now);
  void close();
  void count(bool failed, Instant now);
  bool too_many_failures() const;
  void probe_failed(Instant now);

  config::CircuitBreaker limits_;
  Random& random_;
  State state_ = State::closed;
  std::uint32_t in_a_row_ = 0;
  std::deque<Outcome> window_;  // bounded: older outcomes leave, and at most kWindowSize stay
  std::uint32_t window_failures_ = 0;
  std::uint32_t opened_in_a_row_ = 0;
  Instant open_until_{};
  bool probing_ = false;
  std::uint32_t probes_used_ = 0;
};

}  // namespace sluice::deliver
