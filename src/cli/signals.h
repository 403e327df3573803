// The signals that end a command.
#pragma once

#include <csignal>
#include <optional>

#include "base/clock.h"

namespace sluice::cli {

// Taken by the thread that waits for them, and by no other: make it before any thread is started.
// SIGPIPE is ignored from then on.
class Signals {
 public:
  Signals();

  // SIGTERM, SIGINT or SIGHUP; nothing when none came within `wait`.
  std::optional<int> wait(Duration wait) const;

 private:
  sigset_t set_{};
};

}  // namespace sluice::cli
