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

CommandWords words_of(const CLI::App& app, const std::string& path) {
  CommandWords out;
  out.path = path;
  for (const CLI::App* command : app.get_subcommands({})) {
    out.commands.push_back({command->get_name(), command->get_description()});
  }
  for (const CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;
    if (!option->get_positional()) {
      out.options.push_back(words_of(*option));
    } else if (option->get_name() == "FILE") {
      out.takes_file = true;
    } else if (option->get_name() == "COMMAND") {
      for (const CLI::App* command : app.get_parent()->get_subcommands({})) {
        out.values.push_back(command->get_name());
      }
    } else {
      for (const std::string& value : values_of(value_name(*option))) out.values.push_back(value);
    }
  }
  return out;
}

}  // namespace

std::vector<CommandWords> command_words(const CLI::App& app) {
  std::vector<CommandWords> out{words_of(app, "")};
  for (const CLI::App* command : app.get_subcommands({})) {
    out.push_back(words_of(*command, command->get_name()));
    for (const CLI::App* below : command->get_subcommands({})) {
      out.push_back(words_of(*below, command->get_name() + " " + below->get_name()));
    }
  }
  return out;
}

}  // namespace sluice::cli
