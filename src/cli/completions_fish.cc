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

// `place`: of an argument.
std::string fish_line(const CommandWords& command, const std::string& rest,
                      const std::string& place = "") {
  const std::string where = "__sluice_command \"" + command.path + "\"";
  return "complete -c sluice -n " + fish_quoted(place.empty() ? where : where + " " + place) +
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
  for (std::size_t i = 0; i < command.arguments.size(); ++i) {
    const ArgumentWords& argument = command.arguments[i];
    const std::string place = std::to_string(i);
    for (const std::string& value : argument.values) {
      out += fish_line(command, " -a " + value, place);
    }
    if (argument.takes_file) out += fish_line(command, " -F", place);
  }
  for (const OptionWords& option : command.options) out += fish_option(command, option);
  return out;
}

}  // namespace

std::string fish_completions(const std::vector<CommandWords>& commands) {
  std::string known;
  std::string lines;
  for (const CommandWords& command : commands) {
    if (!command.path.empty()) {
      known += "            case " + fish_quoted(step_to(command)) +
               "\n                set named " + fish_quoted(command.path) +
               "\n                set arguments 0\n";
    }
    lines += fish_lines(command);
  }
  std::string with_values;
  for (const std::string& option : options_with_values(commands)) {
    with_values += " " + fish_quoted(option);
  }
  return "# Completions of sluice for fish, made by `sluice completions fish`.\n"
         "function __sluice_command\n"
         "    set -l named ''\n"
         "    set -l last ''\n"
         "    set -l arguments 0\n"
         "    for word in (commandline -opc)[2..-1]\n"
         "        switch \"$named $last\"\n"
         "            case" +
         with_values +
         "\n"
         "                set last ''\n"
         "                continue\n"
         "        end\n"
         "        set last $word\n"
         "        switch \"$named $word\"\n" +
         known +
         "            case \"$named -*\"\n"
         "            case '*'\n"
         "                set arguments (math $arguments + 1)\n"
         "        end\n"
         "    end\n"
         "    test \"$named\" = \"$argv[1]\"; or return 1\n"
         "    test (count $argv) -eq 1; or test \"$arguments\" = \"$argv[2]\"\n"
         "end\n"
         "complete -c sluice -f\n" +
         lines;
}

}  // namespace sluice::cli
