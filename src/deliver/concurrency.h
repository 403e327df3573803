// How many requests a target takes at once.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "config/config.h"

namespace sluice::deliver {

// Begins at `min` and grows by one with each success (slow start), from half of where the target
// last had too much on by one in a round trip (Jacobson, "Congestion Avoidance and Control", 1988);
// only as far as it is made use of. Halves when the target has too much, once in a round trip.
// Between `min` and `max`. Not adaptive: `max`, but for the ramp after an outage. Pure; not
// thread-safe.
class Concurrency {
 public:
  explicit Concurrency(const config::Concurrency& limits);

  std::size_t limit() const { return limit_; }

  // So many are under way now.
  void in_flight(std::size_t requests) { most_ = requests > most_ ? requests : most_; }
  void succeeded();
  // A request that was sent at `sent_at` met a target that is not able to answer it.
  void overloaded(Instant sent_at, Instant now);
  // Nothing was answered for a while, with as many under way as may be: one request that hangs must
  // not keep all others waiting for its timeout.
  void nothing_answered();
  // After an outage: from `min`, as if nothing was known of the target.
  void restart();
  // After the target asked to wait: from `min`, as far as it was fine before.
  void slow_down();

 private:
  void fall_to(std::size_t limit);

  const config::Concurrency limits_;
  std::size_t limit_;
  std::size_t slow_start_end_;
  std::size_t successes_ = 0;  // since the limit last grew
  std::size_t most_ = 0;       // under way at once, since the limit last fell
  Instant cut_at_{};
};

}  // namespace sluice::deliver
