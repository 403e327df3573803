#include "cli/act.h"

#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/act_refusal.h"
#include "cli/admin_options.h"
#include "cli/cli.h"
#include "cli/standard_streams.h"
#include "glance/document.h"
#include "telemetry/text.h"

namespace sluice::cli {
namespace {

constexpr int kDone = 200;
// Whether anybody is there shows at once.
constexpr Duration kThereTimeout = std::chrono::seconds(10);
// A reload may take a minute, and an action ten seconds.
constexpr Duration kActTimeout = std::chrono::seconds(75);

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "sluice: %s\n", text.c_str());
  return code;
}

std::string text_of(const http::Answer& answer) {
  return telemetry::to_line(answer.body.substr(0, answer.body.find_last_not_of('\n') + 1));
}

std::string why_not(AdminClient& asker, const ActWords& words, const http::Answer& answer) {
  if (is_unknown_name(answer.status, words)) {
    const auto status = asker.get("/status");
    const auto there =
        status ? glance::read_document(status->body) : tl::unexpected(status.error());
    if (there) return unknown_name(words, *there).text();
  }
  return refusal(answer.status, asker.url(), text_of(answer));
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
  command->add_option("--level", words.level, "For log-level")->type_name(level_names());
  add_admin_options(*command, options.admin);
  command->footer(
      "Example: sluice act pause deposits\n"
      "The token is admin.token of --config, or else $SLUICE_ADMIN_TOKEN. docs/actions.md\n"
      "Exit codes: 0 done, 1 refused or nothing to do, 2 wrong command line, 3 nobody answers");
  return command;
}

int act(const ActOptions& options, const Clock& clock) {
  const auto path = act_path(options.words);
  if (!path) return complain(path.error().text(), kBadInput);
  const auto asker = make_admin_client(options.admin, AdminToken::wanted, kThereTimeout, clock);
  if (!asker) return kBadInput;
  if (!asker->has_token()) {
    return complain(
        "an action needs admin.token; set SLUICE_ADMIN_TOKEN to it, or name the configuration with "
        "--config FILE",
        kBadInput);
  }
  if (const auto there = asker->get("/livez"); !there) {
    return complain(there.error().text(), kNobodyAnswers);
  }
  const auto actor = asker->with_timeout(kActTimeout, clock);
  if (!actor) return complain(actor.error().text(), kFailed);
  const auto answer = (*actor)->post(*path);
  if (!answer) return complain(answer.error().text(), kNobodyAnswers);
  if (answer->status != kDone) {
    return complain(why_not(*asker, options.words, *answer), kFailed);
  }
  print(in_words_of_commands(text_of(*answer)) + '\n');
  return kOk;
}

}  // namespace sluice::cli
