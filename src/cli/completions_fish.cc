#include "cli/command_words.h"
#include "cli/completions.h"

namespace sluice::cli {
namespace {

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_line(const CommandWords& command, const std::string& rest) {
  return "complete -c sluice -n " + fish_quoted("__sluice_command \"" + command.path + "\"") +
         rest + "\n";
}

std::string fish_option(const CommandWords& command, const OptionWords& option) {
  std::string rest;
  for (const std::string& name : option.names) {
    const bool is_long = name.starts_with("--");
    rest += is_long ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (option.takes_file) rest += " -r -F";
  if (option.takes_value && !option.takes_file) rest += " -x";
  std::string values;
  for (const std::string& value : option.values) values += (values.empty() ? "" : " ") + value;
  if (!values.empty()) rest += " -a " + fish_quoted(values);
  return fish_line(command, rest + " -d " + fish_quoted(option.meaning));
}

std::string fish_lines(const CommandWords& command) {
  std::string out;
  for (const Word& word : command.commands) {
    out += fish_line(command, " -a " + word.text + " -d " + fish_quoted(word.meaning));
  }
  for (const std::string& value : command.values) out += fish_line(command, " -a " + value);
  if (command.takes_file) out += fish_line(command, " -F");
  for (const OptionWords& option : command.options) out += fish_option(command, option);
  return out;
}

}  // namespace

std::string fish_completions(const std::vector<CommandWords>& commands) {
  std::string known;
  std::string lines;
  for (const CommandWords& command : commands) {
    const std::string path =
        command.path.find(' ') == std::string::npos ? " " + command.path : command.path;
    if (!command.path.empty()) {
      known += "            case " + fish_quoted(path) + "\n                set named " +
               fish_quoted(command.path) + "\n";
    }
    lines += fish_lines(command);
  }
  return "# Completions of sluice for fish, made by `sluice completions fish`.\n"
         "function __sluice_command\n"
         "    set -l named ''\n"
         "    for word in (commandline -opc)[2..-1]\n"
         "        switch \"$named $word\"\n" +
         known +
         "        end\n"
         "    end\n"
         "    test \"$named\" = \"$argv[1]\"\n"
         "end\n"
         "complete -c sluice -f\n" +
         lines;
}

}  // namespace sluice::cli
