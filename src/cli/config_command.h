#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace sluice::cli {

struct ConfigOptions {
  bool init = false;  // else schema
  std::string path;   // FILE of init; empty: standard output
  std::string target = "generic";
  bool force = false;  // --force: a file that is there is overwritten
};

CLI::App* add_config(CLI::App& app, ConfigOptions& options);

// `sluice config schema | init`.
int config_command(const ConfigOptions& options);

// What `sluice config init` writes for `target`; empty: there is none of that name.
std::string_view first_configuration(std::string_view target);

}  // namespace sluice::cli
