// A pipeline that stands still because an operator wants it to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/verdict.h"
#include "pipeline/stall.h"
#include "telemetry/commands.h"

namespace sluice::pipeline {

enum class PauseWish : std::uint8_t {
  none,
  pause,  // nothing more is read, and no request begins; what is under way is answered
  drain,  // nothing more is read; what was read is sent at once
};

// What the wish lets happen, and how that is said. Commits, dead letters and heartbeats go on
// whatever it is. Pure; not thread-safe.
class OperatorPause {
 public:
  // What a drain waits for.
  struct Left {
    std::size_t records = 0;  // read, without an outcome that may be committed
    bool committed = true;    // the broker has confirmed all there is to commit
    Stall held_up = {};       // why they do not go; flowing: they do

    bool nothing() const { return records == 0 && committed; }
  };

  // False: it was so already.
  bool set(PauseWish wish) { return std::exchange(wish_, wish) != wish; }
  PauseWish wish() const { return wish_; }

  bool on() const { return wish_ != PauseWish::none; }
  bool holds_requests() const { return wish_ == PauseWish::pause; }
  bool draining() const { return wish_ == PauseWish::drain; }

  // Only where it is on.
  Stall stall(const std::string& pipeline, const Left& left) const {
    Stall stall{StallReason::paused, "by an operator", "it waits for an operator"};
    stall.release = {telemetry::act_command("resume", pipeline)};
    if (!draining()) return stall;
    if (left.nothing()) {
      stall.detail = "drained: nothing is on its way, all that was read is committed";
      return stall;
    }
    stall.next = "it is drained once all of that is committed";
    stall.detail = left.records > 0
                       ? "draining: " + std::to_string(left.records) + " records on their way"
                       : "draining: the last commit is on its way";
    if (left.held_up.reason != StallReason::flowing) show_cause(stall, left.held_up);
    return stall;
  }

 private:
  // What releases the cause comes first: a resume alone would not.
  static void show_cause(Stall& stall, const Stall& cause) {
    stall.detail += "; held up: " + cause.detail;
    stall.next = cause.next;
    stall.next_at = cause.next_at;
    stall.release.insert(stall.release.begin(), cause.release.begin(), cause.release.end());
  }

  PauseWish wish_ = PauseWish::none;
};

}  // namespace sluice::pipeline
