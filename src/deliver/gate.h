// Whether a request may go out now: what all workers of a target, or of a pipeline, share.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/verdict.h"
#include "deliver/backoff.h"
#include "deliver/breaker.h"
#include "deliver/rate_budget.h"
#include "deliver/verdict_rules.h"
#include "telemetry/log.h"

namespace sluice::deliver {

// A breaker, a throttle and a rate budget behind one mutex. There is one for each target (it closes
// for failures, refused credentials and requests to slow down) and one for each pipeline (it closes
// for answers that say the path or its expectations are wrong: other paths of the target go on).
// Thread-safe; no call blocks for longer than the mutex.
class Gate {
 public:
  enum class Scope : std::uint8_t { target, path };

  struct Closed {
    Instant until;  // ask again then, or when the listener is called
    StallReason reason = StallReason::breaker_open;
    std::string detail;
  };
  using Answer = tl::expected<Breaker::Permit, Closed>;

  struct Limits {
    config::CircuitBreaker breaker;
    Backoff::Limits throttle;  // of the waits after a request to slow down that names no time
    std::vector<config::RateLimit> rates = {};
  };

  // `name` is for logs: the target's, or the pipeline's.
  Gate(Scope scope, std::string name, const Limits& limits, std::uint64_t seed, Instant now,
       telemetry::Log& log);

  // Called, outside the mutex and from any thread, whenever the gate opens for traffic before the
  // time it had told.
  void on_open(std::function<void()> listener);

  // A permit has to come back once: through answered(); through released() where its request was
  // cancelled, so that others may try; or through handed_back() where it was never used, which
  // wakes nobody.
  Answer ask(Instant now);
  void answered(Breaker::Permit permit, const Judgement& judgement, Instant now);
  void released(Breaker::Permit permit);
  void handed_back(Breaker::Permit permit);

 private:
  enum class Effect : std::uint8_t { success, failure, trip, throttle, none };

  Effect effect_of(Verdict verdict) const;
  void apply(Effect effect, Breaker::Permit permit, const Judgement& judgement, Instant now);
  void log_move(Breaker::State before, Instant now);
  void tell_listeners();

  const Scope scope_;
  const std::string name_;
  telemetry::Log& log_;

  std::mutex mutex_;  // guards all below
  std::vector<std::function<void()>> listeners_;
  SeededRandom random_;
  Breaker breaker_;
  Backoff throttle_;
  RateBudget budget_;
  Instant throttled_until_{};
  StallReason reason_ = StallReason::breaker_open;
  std::string detail_;
};

}  // namespace sluice::deliver
