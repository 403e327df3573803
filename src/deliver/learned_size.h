// What a target's 413 teaches about the size of a body.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace sluice::deliver {

// Half of what was too large, from then on; for an hour at a time, since a limit may be raised, and
// a proxy may have been wrong: then twice as much is tried. Pure.
class LearnedSize {
 public:
  static constexpr Duration kRemembered = std::chrono::hours(1);

  // Bytes of a body at most; SIZE_MAX while nothing was learned.
  std::size_t most(Instant now) {
    while (most_ != SIZE_MAX && now >= learned_at_ + kRemembered) {
      most_ = most_ > SIZE_MAX / 2 ? SIZE_MAX : most_ * 2;
      learned_at_ += kRemembered;
    }
    return most_;
  }

  // A body of so many bytes, of more than one record, was too large.
  void too_large(std::size_t bytes, Instant now) {
    most_ = std::min(most_, std::max(bytes / 2, std::size_t{1}));
    learned_at_ = now;
  }

 private:
  std::size_t most_ = SIZE_MAX;
  Instant learned_at_{};
};

}  // namespace sluice::deliver
