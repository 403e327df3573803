#include <string>

#include <CLI/CLI.hpp>

#include "cli/config_file_argument.h"
#include "cli/explain.h"
#include "config/values.h"
#include "replay/letter.h"

namespace sluice::cli {
namespace {

std::string not_whole(const std::string& text) {
  if (replay::whole_number(text)) return {};
  return config::in_quotes(text) + " is not a whole number, 0 or above";
}

std::string no_header(const std::string& text) {
  if (text.find('=') != text.npos && text.front() != '=') return {};
  return config::in_quotes(text) + " is no header; write NAME=VALUE";
}

}  // namespace

CLI::App* add_explain(CLI::App& app, ExplainOptions& options) {
  CLI::App* command = app.add_subcommand(
      "explain",
      "Say what becomes of a record: its batch, its request, each answer; sends nothing");
  add_configuration(*command, options.config_path, options.allow_literal_secrets);
  command->add_option("--pipeline", options.pipeline, "The pipeline, where there is more than one");
  command->add_option("--topic", options.topic,
                      "The record's topic, where the pipeline has more than one");
  CLI::Option* const partition =
      command->add_option("--partition", options.partition, "The record's partition")
          ->check(not_whole);
  CLI::Option* const offset =
      command->add_option("--offset", options.offset, "The record's offset")->check(not_whole);
  partition->needs(offset);
  offset->needs(partition);
  CLI::Option* const record =
      command
          ->add_option("--record", options.record,
                       "A file with the value of a record that is in no topic; - reads it from "
                       "standard input")
          ->type_name("FILE")
          ->excludes(partition)
          ->excludes(offset);
  command->add_option("--key", options.key, "The key of the record in that file")->needs(record);
  command->add_option("--header", options.headers, "Of it; may be repeated")
      ->type_name("NAME=VALUE")
      ->needs(record)
      ->allow_extra_args(false)
      ->check(no_header);
  command->add_flag("--body", options.body, "The whole body, not only its beginning");
  command->add_flag("--json", options.json, "One JSON document");
  command->footer(
      "Example: sluice explain config/data-pipeline.yaml --pipeline deposits --partition 0 "
      "--offset 17\n"
      "Sends no request, joins no group, writes and commits nothing. Secrets are ***, the record "
      "is "
      "not hidden.\n"
      "Exit codes: 0 it would be sent, 1 it would not or could not be read, 2 wrong configuration "
      "or command line");
  return command;
}

}  // namespace sluice::cli
