#include "cli/command_line.h"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/version.h"
#include "cli/act.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/completions.h"
#include "cli/config_command.h"
#include "cli/demo.h"
#include "cli/dlq.h"
#include "cli/explain.h"
#include "cli/help.h"
#include "cli/help_command.h"
#include "cli/run.h"
#include "cli/simulate.h"
#include "cli/status.h"

namespace sluice::cli {

struct CommandLine::Options {
  RunOptions run;
  CheckOptions check;
  StatusOptions status;
  ActOptions act;
  DlqOptions dlq;
  ConfigOptions config;
  ExplainOptions explain;
  DemoOptions demo;
  SimulateOptions simulate;
  CompletionsOptions completions;
  HelpOptions help;
};

// The one list of commands, in the order of --help.
struct CommandLine::Command {
  CLI::App* (*add)(CLI::App& app, Options& options);
  int (*run)(const Options& options, const CLI::App& app, const Clock& clock, std::uint64_t seed);

  static const std::vector<Command>& all();
};

const std::vector<CommandLine::Command>& CommandLine::Command::all() {
  using App = CLI::App;
  using In = const Options;
  static const std::vector<Command> kAll{
      {[](App& app, Options& o) { return add_run(app, o.run); },
       [](In& o, const App&, const Clock& c, std::uint64_t seed) {
         return cli::run(o.run, c, seed);
       }},
      {[](App& app, Options& o) { return add_check(app, o.check); },
       [](In& o, const App&, const Clock& c, std::uint64_t) { return check(o.check, c); }},
      {[](App& app, Options& o) { return add_config(app, o.config); },
       [](In& o, const App&, const Clock&, std::uint64_t) { return config_command(o.config); }},
      {[](App& app, Options& o) { return add_explain(app, o.explain); },
       [](In& o, const App&, const Clock& c, std::uint64_t) { return explain(o.explain, c); }},
      {[](App& app, Options& o) { return add_status(app, o.status); },
       [](In& o, const App&, const Clock& c, std::uint64_t) { return status(o.status, c); }},
      {[](App& app, Options& o) { return add_act(app, o.act); },
       [](In& o, const App&, const Clock& c, std::uint64_t) { return act(o.act, c); }},
      {[](App& app, Options& o) { return add_dlq(app, o.dlq); },
       [](In& o, const App&, const Clock& c, std::uint64_t seed) { return dlq(o.dlq, c, seed); }},
      {[](App& app, Options& o) { return add_demo(app, o.demo); },
       [](In& o, const App&, const Clock& c, std::uint64_t seed) { return demo(o.demo, c, seed); }},
      {[](App& app, Options& o) { return add_simulate(app, o.simulate); },
       [](In& o, const App&, const Clock& c, std::uint64_t) { return simulate(o.simulate, c); }},
      {[](App& app, Options& o) { return add_completions(app, o.completions); },
       [](In& o, const App& app, const Clock&, std::uint64_t) {
         return completions(o.completions, app);
       }},
      {[](App& app, Options& o) { return add_help(app, o.help); },
       [](In& o, const App& app, const Clock&, std::uint64_t) { return help(o.help, app); }},
  };
  return kAll;
}

CommandLine::CommandLine()
    : options_(std::make_unique<Options>()),
      app_(std::make_unique<CLI::App>(
          "Sluice streams Kafka topics into HTTP APIs and commits only what was answered.",
          "sluice")) {
  use_own_help(*app_);
  app_->set_version_flag("--version", std::string(kVersion), "Say which version it is");
  app_->require_subcommand(1);
  for (const Command& command : Command::all()) command.add(*app_, *options_);
  app_->footer("New here? sluice demo\nOf a command: sluice help COMMAND");
}

CommandLine::~CommandLine() = default;

int CommandLine::run(const Clock& clock, std::uint64_t seed) const {
  const auto commands = app_->get_subcommands({});
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (commands[i]->parsed()) return Command::all()[i].run(*options_, *app_, clock, seed);
  }
  return kBadInput;
}

}  // namespace sluice::cli
