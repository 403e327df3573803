#include "cli/cli.h"

#include <CLI/CLI.hpp>

#include "base/version.h"
#include "cli/run.h"

namespace sluice::cli {

int run_command_line(int argc, char** argv, const Clock& clock, std::uint64_t seed) {
  CLI::App app("Sluice streams Kafka topics into HTTP APIs and commits only what was answered.",
               "sluice");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);

  RunOptions run_options;
  CLI::App* run_command = app.add_subcommand("run", "Stream until SIGTERM");
  run_command->add_option("FILE", run_options.config_path, "The configuration (YAML)")->required();
  run_command->add_flag("--allow-literal-secrets", run_options.allow_literal_secrets,
                        "Take secrets that stand in the file itself: for trials only");
  run_command->footer(
      "Example: sluice run config/minimal.yaml\n"
      "Exit codes: 0 stopped in time, 1 could not start or stop, 2 wrong "
      "configuration or command line");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
  return run(run_options, clock, seed);
}

}  // namespace sluice::cli
