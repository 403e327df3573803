#pragma once

#include "base/clock.h"
#include "cli/act_request.h"
#include "cli/admin_client.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct ActOptions {
  AdminOptions admin;
  ActWords words;
};

CLI::App* add_act(CLI::App& app, ActOptions& options);

// `sluice act`: has a Sluice that runs do what an operator wants, and prints what it says.
int act(const ActOptions& options, const Clock& clock);

}  // namespace sluice::cli
