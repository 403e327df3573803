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

struct CommandWords {
  std::string path;            // "dlq list"; empty: sluice itself
  std::vector<Word> commands;  // below it
  std::vector<OptionWords> options;
  std::vector<std::string> values;  // of its arguments
  bool takes_file = false;          // as an argument
};

// Each command, those with commands of their own before them.
std::vector<CommandWords> command_words(const CLI::App& app);

}  // namespace sluice::cli
