// The options of the commands whose files know nothing of CLI11.
#include <string>

#include <CLI/CLI.hpp>

#include "cli/check.h"
#include "cli/config_file_argument.h"
#include "cli/demo.h"
#include "cli/run.h"
#include "cli/simulate.h"
#include "cli/words.h"
#include "simulator/fault.h"

namespace sluice::cli {
namespace {

std::string faults() {
  return one_of(simulator::kFaults, [](simulator::Fault fault) { return to_string(fault); });
}

}  // namespace

CLI::App* add_run(CLI::App& app, RunOptions& options) {
  CLI::App* command = app.add_subcommand(
      "run", "Stream until SIGTERM, from the topics of a configuration into its APIs");
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
  command->add_option("--fault", options.fault, "What the API suffers in the middle third")
      ->type_name(faults())
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
    return command->add_option(name, value, help)->capture_default_str();
  };
  add("--listen", options.listen, "host:port; port 0 takes a free one");
  add("--token", options.token, "The token it accepts, and no other");
  add("--account-id", options.account_id, "The account it accepts");
  add("--workspace-id", options.workspace_id, "The workspace it accepts");
  add("--rate", options.rate, "Requests a second of each endpoint; more get 429");
  add("--latency", options.latency, "Before each answer");
  add("--fault", options.fault, "What is wrong with it at first")->type_name(faults());
  command->footer(
      "Example: sluice simulate --listen 127.0.0.1:8080\n"
      "Exit codes: 0 stopped, 1 could not start, 2 wrong command line");
  return command;
}

}  // namespace sluice::cli
