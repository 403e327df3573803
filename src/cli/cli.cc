#include "cli/cli.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/version.h"
#include "cli/act.h"
#include "cli/check.h"
#include "cli/demo.h"
#include "cli/dlq.h"
#include "cli/explain.h"
#include "cli/run.h"
#include "cli/simulate.h"
#include "cli/status.h"
#include "config/nearest.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

void add_configuration(CLI::App& command, std::string& path, bool& allow_literal_secrets) {
  command.add_option("FILE", path, "The configuration (YAML)")->required();
  command.add_flag("--allow-literal-secrets", allow_literal_secrets,
                   "Take secrets that stand in the file itself: for trials only");
}

CLI::App* add_run(CLI::App& app, RunOptions& options) {
  CLI::App* command = app.add_subcommand("run", "Stream until SIGTERM");
  add_configuration(*command, options.config_path, options.allow_literal_secrets);
  command->footer(
      "Example: sluice run config/minimal.yaml\n"
      "Exit codes: 0 stopped in time, 1 could not start or stop, 2 wrong configuration or command "
      "line");
  return command;
}

CLI::App* add_check(CLI::App& app, CheckOptions& options) {
  CLI::App* command = app.add_subcommand(
      "check", "Say whether a configuration would run: brokers, topics, rights, targets");
  add_configuration(*command, options.config_path, options.allow_literal_secrets);
  command->add_flag("--offline", options.offline, "Ask neither brokers nor targets");
  command->add_flag("--json", options.json, "One JSON document instead of lines");
  command->footer(
      "Example: sluice check config/data-pipeline.yaml\n"
      "Writes no record, joins no group, commits nothing.\n"
      "Exit codes: 0 all holds, 1 something does not, 2 wrong configuration or command line");
  return command;
}

CLI::App* add_demo(CLI::App& app, DemoOptions& options) {
  CLI::App* command = app.add_subcommand(
      "demo", "Watch records flow, fail, recover and reconcile; needs no server");
  command->add_option("--duration", options.duration, "How long records are made, 3s to 1h")
      ->capture_default_str();
  command->add_option("--rate", options.rate, "Records a second, 1 to 50000")
      ->capture_default_str();
  command
      ->add_option("--fault", options.fault,
                   "What the API suffers in the middle third: none, outage, throttle, poison, "
                   "unauthorized or slow")
      ->capture_default_str();
  // For scripts/demo: when it began, in seconds since 1970.
  command->add_option("--started-at", options.started_at)->group("");
  command->footer(
      "Example: sluice demo --fault outage\n"
      "Exit codes: 0 every record is accounted for, 1 one is not, 2 wrong command line");
  return command;
}

CLI::App* add_simulate(CLI::App& app, SimulateOptions& options) {
  CLI::App* command =
      app.add_subcommand("simulate", "Be the Data Pipeline API on this machine until SIGTERM");
  const auto add = [&](const char* name, auto& value, const char* help) {
    command->add_option(name, value, help)->capture_default_str();
  };
  add("--listen", options.listen, "host:port; port 0 takes a free one");
  add("--token", options.token, "The token it accepts, and no other");
  add("--account-id", options.account_id, "The account it accepts");
  add("--workspace-id", options.workspace_id, "The workspace it accepts");
  add("--rate", options.rate, "Requests a second of each endpoint; more get 429");
  add("--latency", options.latency, "Before each answer");
  add("--fault", options.fault,
      "What is wrong with it at first: none, outage, throttle, poison, unauthorized or slow");
  command->footer(
      "Example: sluice simulate --listen 127.0.0.1:8080\n"
      "Exit codes: 0 stopped, 1 could not start, 2 wrong command line");
  return command;
}

// CLI11 says only that a command is missing.
bool names_no_command(std::string_view word, const std::vector<std::string_view>& commands,
                      const std::string& in) {
  if (word.starts_with('-')) return false;
  if (std::find(commands.begin(), commands.end(), word) != commands.end()) return false;
  const std::string_view near = config::nearest(word, commands);
  std::fprintf(stderr, "sluice: there is no command %s; %s\n",
               config::in_quotes(in + std::string(word)).c_str(),
               near.empty() ? "see sluice --help"
                            : ("did you mean " + in + std::string(near) + "?").c_str());
  return true;
}

bool names_no_command(int argc, char** argv) {
  if (argc < 2) return false;
  const std::string_view word = argv[1];
  if (word == "dlq" && argc > 2) {
    return names_no_command(argv[2], {"list", "show", "replay"}, "dlq ");
  }
  return names_no_command(
      word, {"run", "check", "demo", "simulate", "explain", "dlq", "status", "act"}, "");
}

}  // namespace

int run_command_line(int argc, char** argv, const Clock& clock, std::uint64_t seed) {
  if (names_no_command(argc, argv)) return kBadInput;
  CLI::App app("Sluice streams Kafka topics into HTTP APIs and commits only what was answered.",
               "sluice");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  RunOptions run_options;
  CheckOptions check_options;
  DemoOptions demo_options;
  SimulateOptions simulate_options;
  ExplainOptions explain_options;
  DlqOptions dlq_options;
  StatusOptions status_options;
  ActOptions act_options;
  add_run(app, run_options);
  const CLI::App* const check_command = add_check(app, check_options);
  const CLI::App* const demo_command = add_demo(app, demo_options);
  const CLI::App* const simulate_command = add_simulate(app, simulate_options);
  const CLI::App* const explain_command = add_explain(app, explain_options);
  const CLI::App* const dlq_command = add_dlq(app, dlq_options);
  const CLI::App* const status_command = add_status(app, status_options);
  const CLI::App* const act_command = add_act(app, act_options);
  app.footer("New here? sluice demo");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
  if (*check_command) return check(check_options, clock);
  if (*demo_command) return demo(demo_options, clock, seed);
  if (*simulate_command) return simulate(simulate_options, clock);
  if (*explain_command) return explain(explain_options, clock);
  if (*dlq_command) return dlq(dlq_options, clock, seed);
  if (*status_command) return status(status_options, clock);
  if (*act_command) return act(act_options, clock);
  return run(run_options, clock, seed);
}

}  // namespace sluice::cli
