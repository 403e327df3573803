#pragma once

#include "base/clock.h"

namespace sluice::test {

// Time that moves only when told. Starts at a fixed point, so that every run is the same.
class FakeClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }

  void advance(Duration by) {
    now_ += by;
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
  }
  void set_wall(WallTime to) { wall_ = to; }

 private:
  Instant now_ = Instant(std::chrono::hours(1));
  WallTime wall_ = WallTime(std::chrono::seconds(1'790'000'000));  // 2026-09-21T14:13:20Z
};

}  // namespace sluice::test
