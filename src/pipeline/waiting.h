// How long the oldest record of a partition has waited.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::pipeline {

// Pure; not thread-safe.
class Waiting {
 public:
  // `oldest`: the age of the oldest record that was read and has no outcome; nullopt: none is known
  // of. `something_waits`: there are records that nothing is known of but that they are there; they
  // have waited since that is so. Zero: nothing waits.
  Duration update(std::optional<Duration> oldest, bool something_waits, Instant now) {
    if (oldest || !something_waits) {
      since_.reset();
      age_ = oldest.value_or(Duration::zero());
    } else {
      if (!since_) since_ = now;
      age_ = now - *since_;
    }
    return age_;
  }

  // As of the last update.
  Duration age() const { return age_; }

 private:
  std::optional<Instant> since_;
  Duration age_{};
};

// Lag of a partition that more replicas could work off. Memory that is full counts: others would
// bring more of it.
inline std::int64_t scalable(std::optional<std::int64_t> lag, StallReason partition) {
  const bool counts = partition == StallReason::flowing || partition == StallReason::memory_full;
  return counts ? lag.value_or(0) : 0;
}

}  // namespace sluice::pipeline
