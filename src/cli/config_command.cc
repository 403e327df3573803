#include "cli/config_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/cli.h"
#include "cli/standard_streams.h"
#include "cli/words.h"
#include "config/schema.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

constexpr std::array<const char*, 2> kTargets{"generic", "data-pipeline"};

Error cannot_write(const std::string& path) {
  if (errno == EEXIST) {
    return {config::in_quotes(path) + " is there already",
            "choose another name, or overwrite it with --force"};
  }
  return {config::in_quotes(path) + " cannot be written: " + std::strerror(errno),
          "choose a name in a folder that is there and may be written to"};
}

// One that is there is kept unless `force` says otherwise, whoever else is writing it.
Result<void> write_file(const std::string& path, std::string_view text, bool force) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0644);
  if (file < 0) return tl::unexpected(cannot_write(path));
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  Result<void> result;
  if (!written) result = tl::unexpected(cannot_write(path));
  ::close(file);
  return result;
}

int write_out(std::string_view text) {
  print(text);
  return kOk;
}

int init(const ConfigOptions& options) {
  const std::string_view text = first_configuration(options.target);
  if (options.path.empty() || options.path == "-") return write_out(text);
  if (const auto written = write_file(options.path, text, options.force); !written) {
    std::fprintf(stderr, "sluice: %s\n", written.error().text().c_str());
    return kFailed;
  }
  return write_out(options.path + " is written. Change what is marked in it, then: sluice check " +
                   options.path + '\n');
}

// In our words, for CLI11.
std::string wrong_target(const std::string& word) {
  if (!first_configuration(word).empty()) return {};
  return "there is no " + config::in_quotes(word) + "; write generic or data-pipeline";
}

}  // namespace

CLI::App* add_config(CLI::App& app, ConfigOptions& options) {
  CLI::App* config = app.add_subcommand("config", "Write a configuration, or the schema of all");
  config->require_subcommand(1);
  CLI::App* schema =
      config->add_subcommand("schema", "Print the JSON Schema of the configuration, for editors");
  schema->footer(
      "Example: sluice config schema > sluice.schema.json\n"
      "A file that begins with `# yaml-language-server: $schema=sluice.schema.json` is then "
      "checked "
      "as it\nis written. docs/configuration.md\n"
      "Exit codes: 0 printed, 1 could not write, 2 wrong command line");
  CLI::App* init = config->add_subcommand("init", "Write a configuration to begin with");
  init->add_option("FILE", options.path, "Where to; without it, or with -, to standard output");
  init->add_option("--target", options.target, "For any JSON API, or for the Data Pipeline API")
      ->type_name(one_of(kTargets, [](const char* name) { return name; }))
      ->check(wrong_target)
      ->capture_default_str();
  init->add_flag("--force", options.force, "Overwrite a file that is there");
  init->footer(
      "Example: sluice config init sluice.yaml\n"
      "Exit codes: 0 written, 1 could not write, or the file is there, 2 wrong command line");
  init->callback([&options] { options.init = true; });
  return config;
}

int config_command(const ConfigOptions& options) {
  return options.init ? init(options) : write_out(config::json_schema());
}

}  // namespace sluice::cli
