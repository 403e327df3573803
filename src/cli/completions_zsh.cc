#include "cli/command_words.h"
#include "cli/completions.h"

namespace sluice::cli {
namespace {

// Within single quotes, and a colon is what ends a word of _describe.
std::string zsh_escaped(const std::string& text, bool word) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == ':' && word) {
      out += "\\:";
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_entry(const std::string& word, const std::string& meaning) {
  return "        '" + zsh_escaped(word, true) + ":" + zsh_escaped(meaning, false) + "'\n";
}

std::string zsh_entries(const CommandWords& command) {
  std::string out;
  for (const Word& word : command.commands) out += zsh_entry(word.text, word.meaning);
  for (const std::string& value : command.values) out += zsh_entry(value, "");
  for (const OptionWords& option : command.options) {
    for (const std::string& name : option.names) out += zsh_entry(name, option.meaning);
  }
  return out;
}

std::string zsh_values(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (!option.takes_value) continue;
      for (const std::string& name : option.names) {
        out += "    '" + command.path + " " + name + "')\n";
        if (option.takes_file) out += "      _files\n";
        if (!option.values.empty()) {
          out += "      compadd --";
          for (const std::string& value : option.values) out += " " + value;
          out += "\n";
        }
        out += "      return\n      ;;\n";
      }
    }
  }
  return out;
}

}  // namespace

std::string zsh_completions(const std::vector<CommandWords>& commands) {
  std::string known;
  std::string words;
  for (const CommandWords& command : commands) {
    const std::string path =
        command.path.find(' ') == std::string::npos ? " " + command.path : command.path;
    if (!command.path.empty()) known += "      '" + path + "') command='" + command.path + "' ;;\n";
    words += "    '" + command.path + "')\n      found=(\n" + zsh_entries(command) + "      )\n";
    if (command.takes_file) words += "      files=yes\n";
    words += "      ;;\n";
  }
  return "#compdef sluice\n"
         "# Completions of sluice for zsh, made by `sluice completions zsh`.\n"
         "_sluice() {\n"
         "  local command= files= i\n"
         "  local -a found\n"
         "  for ((i = 2; i < CURRENT; ++i)); do\n"
         "    case \"$command ${words[i]}\" in\n" +
         known +
         "    esac\n"
         "  done\n"
         "  case \"$command ${words[CURRENT - 1]}\" in\n" +
         zsh_values(commands) +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  _describe sluice found\n"
         "  if [[ -n $files ]]; then _files; fi\n"
         "}\n"
         "if [[ $funcstack[1] == _sluice ]]; then _sluice \"$@\"; else compdef _sluice sluice; "
         "fi\n";
}

}  // namespace sluice::cli
