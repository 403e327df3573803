#include "cli/command_words.h"
#include "cli/completions.h"

namespace sluice::cli {
namespace {

std::string bash_words(const CommandWords& command) {
  std::string out;
  const auto add = [&out](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  for (const Word& word : command.commands) add(word.text);
  for (const std::string& value : command.values) add(value);
  for (const OptionWords& option : command.options) {
    for (const std::string& name : option.names) add(name);
  }
  return out;
}

std::string with_blanks(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// What follows an option that takes a value.
std::string bash_values(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (!option.takes_value) continue;
      for (const std::string& name : option.names) {
        out += "    \"" + command.path + " " + name + "\")\n      ";
        if (option.takes_file) {
          out += "COMPREPLY=($(compgen -f -- \"$word\"))";
        } else {
          out += "COMPREPLY=($(compgen -W \"" + with_blanks(option.values) + "\" -- \"$word\"))";
        }
        out += "\n      return\n      ;;\n";
      }
    }
  }
  return out;
}

}  // namespace

std::string bash_completions(const std::vector<CommandWords>& commands) {
  std::string known;
  std::string words;
  for (const CommandWords& command : commands) {
    const std::string path =
        command.path.find(' ') == std::string::npos ? " " + command.path : command.path;
    if (!command.path.empty()) {
      known += "      \"" + path + "\") command=\"" + command.path + "\" ;;\n";
    }
    words += "    \"" + command.path + "\")\n      words=\"" + bash_words(command) + "\"\n";
    if (command.takes_file) words += "      files=yes\n";
    words += "      ;;\n";
  }
  return "# Completions of sluice for bash, made by `sluice completions bash`.\n"
         "_sluice() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local command= words= files= i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case \"$command ${COMP_WORDS[i]}\" in\n" +
         known +
         "    esac\n"
         "  done\n"
         "  case \"$command $before\" in\n" +
         bash_values(commands) +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  if [[ $files && $word != -* ]]; then\n"
         "    COMPREPLY+=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _sluice sluice\n";
}

}  // namespace sluice::cli
