#include "cli/help_command.h"

#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/mistake.h"
#include "cli/standard_streams.h"

namespace sluice::cli {

CLI::App* add_help(CLI::App& app, HelpOptions& options) {
  CLI::App* command = app.add_subcommand("help", "Say what a command does");
  command->add_option("COMMAND", options.words, "Such as check, or dlq list");
  command->footer(
      "Example: sluice help dlq replay\n"
      "Exit codes: 0 said, 1 could not write, 2 there is no such command");
  return command;
}

int help(const HelpOptions& options, const CLI::App& app) {
  std::vector<const char*> argv{"sluice"};
  for (const std::string& word : options.words) argv.push_back(word.c_str());
  argv.push_back("--help");
  const int argc = static_cast<int>(argv.size());
  if (const auto mistake = find_mistake(app, argc, argv.data())) {
    std::fprintf(stderr, "sluice: %s\n", mistake->text().c_str());
    return kBadInput;
  }
  print(help_of(named_command(app, argc, argv.data())));
  return kOk;
}

}  // namespace sluice::cli
