#pragma once

#include "base/clock.h"
#include "cli/admin_client.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct StatusOptions {
  AdminOptions admin;
  bool watch = false;
  bool json = false;
};

CLI::App* add_status(CLI::App& app, StatusOptions& options);

// `sluice status`: what a Sluice that runs says of itself, once, or every two seconds until
// SIGINT or SIGTERM. Call it before any other thread is started: it blocks the signals it waits
// for.
int status(const StatusOptions& options, const Clock& clock);

}  // namespace sluice::cli
