// The command line as completions need it: for each command what may follow.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sluice::cli {

struct Word {
  std::string text;
  std::string meaning;
};

struct OptionWords {
  std::vector<std::string> names;  // "--watch", "-h"
  std::string meaning;
  bool takes_value = false;
  bool takes_file = false;
  std::vector<std::string> values;  // where there is a list of them
};

struct ArgumentWords {
  std::vector<std::string> values;  // where there is a list of them
  bool takes_file = false;
};

struct CommandWords {
  std::string path;            // "dlq list"; empty: sluice itself
  std::vector<Word> commands;  // below it
  std::vector<OptionWords> options;
  std::vector<ArgumentWords> arguments;  // by their places
};

// Each command, those with commands of their own before them; of `help` also "help dlq" and so on.
std::vector<CommandWords> command_words(const CLI::App& app);

// What names a command where a shell knows the one above it and the next word: " dlq", "dlq list".
std::string step_to(const CommandWords& command);

// All options that take a value, as "dlq list --by".
std::vector<std::string> options_with_values(const std::vector<CommandWords>& commands);

}  // namespace sluice::cli
