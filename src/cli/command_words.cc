#include "cli/command_words.h"

#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/help.h"

namespace sluice::cli {
namespace {

// Of "earliest|latest|N" what may be typed as it stands.
std::vector<std::string> values_of(std::string_view name) {
  std::vector<std::string> out;
  if (name.find('|') == name.npos) return out;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('|'), name.size());
    if (std::islower(static_cast<unsigned char>(name.front())) != 0) {
      out.emplace_back(name.substr(0, end));
    }
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return out;
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords out;
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  out.meaning = option.get_description();
  const std::string value = value_name(option);
  out.takes_value = !value.empty();
  out.takes_file = value == "FILE";
  out.values = values_of(value);
  return out;
}

std::vector<Word> commands_below(const CLI::App& app) {
  std::vector<Word> out;
  for (const CLI::App* command : app.get_subcommands({})) {
    out.push_back({command->get_name(), command->get_description()});
  }
  return out;
}

CommandWords words_of(const CLI::App& app, const std::string& path) {
  CommandWords out;
  out.path = path;
  out.commands = commands_below(app);
  for (const CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;
    if (!option->get_positional()) {
      out.options.push_back(words_of(*option));
    } else if (option->get_name() == "COMMAND") {
      out.commands = commands_below(*app.get_parent());
    } else {
      out.arguments.push_back({values_of(value_name(*option)), option->get_name() == "FILE"});
    }
  }
  return out;
}

// What may follow `help`: the commands themselves, without what they take.
void add_help_of(const CLI::App& app, const std::string& path, std::vector<CommandWords>& out) {
  for (const CLI::App* command : app.get_subcommands({})) {
    CommandWords words;
    words.path = path + " " + command->get_name();
    words.commands = commands_below(*command);
    out.push_back(words);
    add_help_of(*command, words.path, out);
  }
}

}  // namespace

std::vector<CommandWords> command_words(const CLI::App& app) {
  std::vector<CommandWords> out{words_of(app, "")};
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    out.push_back(words_of(*command, name));
    for (const CLI::App* below : command->get_subcommands({})) {
      out.push_back(words_of(*below, name + " " + below->get_name()));
    }
    if (name == "help") add_help_of(app, name, out);
  }
  return out;
}

std::string step_to(const CommandWords& command) {
  return command.path.find(' ') == std::string::npos ? " " + command.path : command.path;
}

std::vector<std::string> options_with_values(const std::vector<CommandWords>& commands) {
  std::vector<std::string> out;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (!option.takes_value) continue;
      for (const std::string& name : option.names) out.push_back(command.path + " " + name);
    }
  }
  return out;
}

}  // namespace sluice::cli
