#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sluice::cli {

struct HelpOptions {
  std::vector<std::string> words;  // of a command; none: of all
};

CLI::App* add_help(CLI::App& app, HelpOptions& options);

// `sluice help [COMMAND...]`: what COMMAND --help says. `app`: all commands.
int help(const HelpOptions& options, const CLI::App& app);

}  // namespace sluice::cli
