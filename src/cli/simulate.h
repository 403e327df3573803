#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

// Each with its option's name and default.
struct SimulateOptions {
  std::string listen = "127.0.0.1:8080";        // --listen HOST:PORT; port 0: a free one
  std::string token = "simulator-token";        // --token
  std::string account_id = "demo-account";      // --account-id
  std::string workspace_id = "demo-workspace";  // --workspace-id
  std::uint32_t rate = 1000;                    // --rate: requests a second of each endpoint
  std::string latency = "5ms";                  // --latency: before each answer, at most 60s
  std::string fault = "none";                   // --fault: what it starts with
};

CLI::App* add_simulate(CLI::App& app, SimulateOptions& options);

// `sluice simulate`: the Data Pipeline API on this machine until SIGTERM or SIGINT. Says what it
// accepts and how to point a configuration and curl at it, then a line for each second with
// traffic. Call it before any other thread is started: it blocks the signals that it waits for.
int simulate(const SimulateOptions& options, const Clock& clock);

}  // namespace sluice::cli
