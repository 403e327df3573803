#pragma once

#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct CheckOptions {
  std::string config_path;             // FILE
  bool allow_literal_secrets = false;  // --allow-literal-secrets
  bool offline = false;                // --offline: ask neither brokers nor targets
  bool json = false;                   // --json: one document at the end instead of lines
};

CLI::App* add_check(CLI::App& app, CheckOptions& options);

// `sluice check`: whether `sluice run` would work, a line for each thing it needs. Writes no
// record, joins no group, commits nothing.
int check(const CheckOptions& options, const Clock& clock);

}  // namespace sluice::cli
