#include <string>

#include <CLI/CLI.hpp>

#include "base/verdict.h"
#include "cli/config_file_argument.h"
#include "cli/dlq.h"
#include "cli/words.h"
#include "config/values.h"
#include "replay/letter.h"
#include "replay/listing.h"

namespace sluice::cli {
namespace {

using Command = DlqOptions::Command;

CLI::App* add(CLI::App& dlq, DlqOptions& options, Command which, const char* name,
              const char* help) {
  CLI::App* command = dlq.add_subcommand(name, help);
  add_configuration(*command, options.config_path, options.allow_literal_secrets);
  command->callback([&options, which] { options.command = which; });
  return command;
}

// What follows it is no more values: it may be the file.
void one_each(CLI::Option* option) { option->allow_extra_args(false); }

// What CLI11 says of a number that is too small is a bare range.
std::string wrong_offset(const std::string& text) {
  if (replay::whole_number(text)) return {};
  return config::in_quotes(text) + " is no offset; write a whole number, 0 or above";
}

std::string wrong_limit(const std::string& text) {
  if (replay::whole_number(text).value_or(0) > 0) return {};
  return config::in_quotes(text) +
         " is no number of letters; write 1 or above, or leave --limit out for all of them";
}

void add_filters(CLI::App& command, DlqOptions& options) {
  CLI::Option* const reason = command.add_option(
      "--reason", options.reasons, "Only with that reason, such as rejected; may be repeated");
  reason->type_name(
      one_of(kAllDeadLetterReasons, [](DeadLetterReason each) { return to_string(each); }));
  one_each(reason);
  one_each(command.add_option(
      "--status", options.statuses,
      "Only with that status: 400, 4xx, 400-499, or none for never answered; may be repeated"));
  command.add_option("--since", options.since,
                     "Only those set aside since: 2026-11-25T08:00:00Z, or 2h ago as 2h");
  command.add_option("--until", options.until, "Only those set aside before");
}

void add_list(CLI::App& dlq, DlqOptions& options) {
  CLI::App* command =
      add(dlq, options, Command::list, "list", "Count dead letters, by what they have in common");
  one_each(command->add_option("--pipeline", options.pipelines,
                               "Only of that pipeline; may be repeated"));
  add_filters(*command, options);
  CLI::Option* const by = command->add_option(
      "--by", options.by,
      "What to count by; may be repeated. Without it: pipeline, reason and status");
  by->type_name(one_of(replay::kAllGroupBys, [](replay::GroupBy each) { return to_string(each); }));
  one_each(by);
  command->add_flag("--json", options.json, "One JSON document");
  command->footer(
      "Example: sluice dlq list config/data-pipeline.yaml --by reason --by hour --since 1d\n"
      "Exit codes: 0 listed, 1 could not read, 2 wrong configuration or command line");
}

void add_show(CLI::App& dlq, DlqOptions& options) {
  CLI::App* command =
      add(dlq, options, Command::show, "show", "Show all that is known of a dead letter");
  command->add_option("--pipeline", options.pipelines, "The pipeline")->required()->expected(1);
  CLI::Option* const id =
      command->add_option("--id", options.ids, "topic/partition/offset of the record")->expected(1);
  command->add_option("--at", options.at, "PARTITION:OFFSET in the dead-letter topic")
      ->excludes(id);
  command->add_flag(
      "--payload", options.payload,
      "Show key, value and headers of the record instead of their lengths and hashes");
  command->add_flag("--json", options.json, "One JSON document");
  command->footer(
      "Example: sluice dlq show config/data-pipeline.yaml --pipeline deposits --at 0:17\n"
      "Exit codes: 0 shown, 1 not found or could not read, 2 wrong configuration or command line");
}

void add_replay_filters(CLI::App& command, DlqOptions& options) {
  add_filters(command, options);
  one_each(command.add_option("--id", options.ids,
                              "Only of that record, topic/partition/offset; may be repeated"));
  command
      .add_option("--from-offset", options.from_offset,
                  "Only from that offset of the dead-letter topic on")
      ->check(wrong_offset);
  command
      .add_option("--to-offset", options.to_offset,
                  "Only up to that offset of the dead-letter topic, itself too")
      ->check(wrong_offset);
  command.add_option("--limit", options.limit, "At most so many")->check(wrong_limit);
}

void add_replay(CLI::App& dlq, DlqOptions& options) {
  CLI::App* command =
      add(dlq, options, Command::replay, "replay", "Send dead letters once more, each once");
  command->add_option("--pipeline", options.pipelines, "The pipeline")->required()->expected(1);
  add_replay_filters(*command, options);
  command
      ->add_option("--to", options.to,
                   "topic: back to the record's own topic; api: straight to the pipeline's API")
      ->type_name("topic|api")
      ->capture_default_str();
  command->add_option("--rate", options.rate, "At most so many: 100/s, 600/m, 1000/h")
      ->capture_default_str();
  command->add_flag("--dry-run", options.dry_run, "Only say what would be replayed");
  command->add_flag("--uncertain", options.uncertain,
                    "Also those that an interrupted replay may have sent already");
  command->add_flag("--force", options.force, "Also those that came back from three replays");
  command->add_flag("--json", options.json, "One JSON document a line: each letter, a summary");
  command->footer(
      "Example: sluice dlq replay config/data-pipeline.yaml --pipeline deposits --status 5xx\n"
      "What was replayed is noted in the dead-letter topic, so that the same command again goes on "
      "where it ended.\n"
      "Exit codes: 0 all replayed, 1 something was not, 2 wrong configuration or command line");
}

}  // namespace

CLI::App* add_dlq(CLI::App& app, DlqOptions& options) {
  CLI::App* dlq = app.add_subcommand("dlq", "List, show and replay dead letters");
  dlq->require_subcommand(1);
  add_list(*dlq, options);
  add_show(*dlq, options);
  add_replay(*dlq, options);
  return dlq;
}

}  // namespace sluice::cli
