#include "cli/completions.h"

#include <algorithm>
#include <iterator>

#include <CLI/CLI.hpp>

#include "cli/cli.h"
#include "cli/command_words.h"
#include "cli/standard_streams.h"
#include "cli/words.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

struct Shell {
  const char* name;
  std::string (*script)(const std::vector<CommandWords>& commands);
};

constexpr Shell kShells[] = {
    {"bash", bash_completions}, {"zsh", zsh_completions}, {"fish", fish_completions}};

const Shell* find_shell(const std::string& name) {
  const auto* const found = std::find_if(std::begin(kShells), std::end(kShells),
                                         [&](const Shell& shell) { return shell.name == name; });
  return found == std::end(kShells) ? nullptr : found;
}

// In our words, for CLI11.
std::string wrong_shell(const std::string& name) {
  if (find_shell(name) != nullptr) return {};
  return "there are no completions for " + config::in_quotes(name) + "; write bash, zsh or fish";
}

}  // namespace

CLI::App* add_completions(CLI::App& app, CompletionsOptions& options) {
  CLI::App* command = app.add_subcommand("completions", "Print a script that completes commands");
  command->add_option("SHELL", options.shell, "Which shell is to read it")
      ->required()
      ->type_name(one_of(kShells, [](const Shell& shell) { return shell.name; }))
      ->check(wrong_shell);
  command->footer(
      "Example: source <(sluice completions bash)\n"
      "For good: sluice completions bash > /etc/bash_completion.d/sluice\n"
      "          sluice completions zsh > /usr/local/share/zsh/site-functions/_sluice\n"
      "          sluice completions fish > ~/.config/fish/completions/sluice.fish\n"
      "Exit codes: 0 printed, 1 could not write, 2 wrong command line");
  return command;
}

int completions(const CompletionsOptions& options, const CLI::App& app) {
  const Shell* const shell = find_shell(options.shell);
  if (shell == nullptr) return kBadInput;
  print(shell->script(command_words(app)));
  return kOk;
}

}  // namespace sluice::cli
