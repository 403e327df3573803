#include "cli/act.h"

#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/admin_options.h"
#include "cli/cli.h"
#include "telemetry/text.h"

namespace sluice::cli {
namespace {

constexpr int kDone = 200;
// A reload may take a minute, and an action ten seconds.
constexpr Duration kTimeout = std::chrono::seconds(75);

std::string shown(const http::Answer& answer) {
  std::string text = answer.body.substr(0, answer.body.find_last_not_of('\n') + 1);
  if (text.empty()) text = "answered " + std::to_string(answer.status);
  return telemetry::to_line(text);
}

}  // namespace

CLI::App* add_act(CLI::App& app, ActOptions& options) {
  CLI::App* command = app.add_subcommand("act", "Have a Sluice that runs do something now");
  ActWords& words = options.words;
  command
      ->add_option("ACTION", words.action,
                   "What to do: reset-breaker with a target, reload and log-level with the whole "
                   "process, the others with a pipeline")
      ->required()
      ->type_name(action_names());
  command->add_option("NAME", words.name, "The pipeline or target");
  command->add_option("--topic", words.topic, "With --partition: of this partition only");
  command->add_option("--partition", words.partition, "Its number");
  command->add_option("--offset", words.offset, "Where resume-from goes on")
      ->type_name("earliest|latest|N");
  command->add_option("--level", words.level, "For log-level")->type_name("debug|info|warn|error");
  add_admin_options(*command, options.admin);
  command->footer(
      "Example: sluice act pause deposits\n"
      "The token is admin.token of --config, or else $SLUICE_ADMIN_TOKEN. docs/actions.md\n"
      "Exit codes: 0 done, 1 refused or nothing to do, 2 wrong command line, 3 nobody answers");
  return command;
}

int act(const ActOptions& options, const Clock& clock) {
  const auto path = act_path(options.words);
  if (!path) {
    std::fprintf(stderr, "sluice: %s\n", path.error().text().c_str());
    return kBadInput;
  }
  const auto client = make_admin_client(options.admin, AdminToken::wanted, kTimeout, clock);
  if (!client) return kBadInput;
  if (!client->has_token()) {
    std::fprintf(stderr,
                 "sluice: an action needs admin.token; set SLUICE_ADMIN_TOKEN to it, or name the "
                 "configuration with --config FILE\n");
    return kBadInput;
  }
  const auto answer = client->post(*path);
  if (!answer) {
    std::fprintf(stderr, "sluice: %s\n", answer.error().text().c_str());
    return kNobodyAnswers;
  }
  if (answer->status != kDone) {
    std::fprintf(stderr, "sluice: %s\n", shown(*answer).c_str());
    return kFailed;
  }
  std::printf("%s\n", shown(*answer).c_str());
  return kOk;
}

}  // namespace sluice::cli
