// The signals that end a command.
#pragma once

#include <csignal>
#include <optional>

#include "base/clock.h"

namespace sluice::cli {

// To be called first of all: where the command is `run`, SIGTERM, SIGINT and SIGHUP wait for its
// Signals from then on, so that one that comes while it starts is a stop or a reload as well. The
// other commands end by them until they make Signals.
void keep_signals_for_run(int argc, const char* const* argv);

// Taken by the thread that waits for them, and by no other: make it before any thread is started.
// SIGPIPE is ignored from then on.
class Signals {
 public:
  Signals();

  // SIGTERM, SIGINT or SIGHUP; nothing when none came within `wait`.
  std::optional<int> wait(Duration wait) const;

 private:
  sigset_t set_;
};

}  // namespace sluice::cli
