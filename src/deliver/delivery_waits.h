// How long a batch waits between its attempts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"
#include "deliver/backoff.h"

namespace sluice::deliver {

struct DeliveryWaits {
  Backoff::Limits retry;
  // Of a suspect record that nobody can tell from a bad target: on the breaker's schedule.
  Backoff::Limits parked;
};

// The waits of one batch, each longer than the one before. Not thread-safe.
class WaitSchedule {
 public:
  WaitSchedule(const DeliveryWaits& waits, Random& random)
      : parked_(waits.parked),
        random_(random),
        failed_(waits.retry, random),
        rest_(waits.retry, random) {}

  Duration after_failure() {
    parked_in_a_row_ = 0;
    return failed_.next();
  }
  // Of a batch that was taken in part: it is another one after each attempt, and still waits
  // longer.
  Duration for_the_rest() { return rest_.next(); }
  // As a breaker opens: growing, with a tenth of jitter.
  Duration parked() {
    const double grown = static_cast<double>(parked_.initial.count()) *
                         std::pow(parked_.multiplier, parked_in_a_row_);
    ++parked_in_a_row_;
    const double base = std::min(grown, static_cast<double>(parked_.max.count()));
    return Duration(static_cast<Duration::rep>(base * (1 + 0.1 * random_.next_unit())));
  }

  // Another part is sent.
  void restart() {
    failed_.reset();
    restart_parked();
  }
  void restart_parked() { parked_in_a_row_ = 0; }

 private:
  const Backoff::Limits parked_;
  Random& random_;
  Backoff failed_;
  Backoff rest_;
  std::uint32_t parked_in_a_row_ = 0;
};

}  // namespace sluice::deliver
