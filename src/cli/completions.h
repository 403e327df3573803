#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sluice::cli {

struct CommandWords;

struct CompletionsOptions {
  std::string shell;  // SHELL
};

CLI::App* add_completions(CLI::App& app, CompletionsOptions& options);

// `sluice completions bash | zsh | fish`: a script for that shell. `app`: all commands, which it is
// made from, so that it knows what this binary knows.
int completions(const CompletionsOptions& options, const CLI::App& app);

// The scripts.
std::string bash_completions(const std::vector<CommandWords>& commands);
std::string zsh_completions(const std::vector<CommandWords>& commands);
std::string fish_completions(const std::vector<CommandWords>& commands);

}  // namespace sluice::cli
