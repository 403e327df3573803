#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct RunOptions {
  std::string config_path;
  bool allow_literal_secrets = false;
};

CLI::App* add_run(CLI::App& app, RunOptions& options);

// `sluice run`: streams until SIGTERM or SIGINT, then stops within shutdown_timeout; a second
// signal leaves at once. Nothing is lost either way. Call it before any other thread is started:
// it blocks the signals that it waits for.
int run(const RunOptions& options, const Clock& clock, std::uint64_t seed);

}  // namespace sluice::cli
