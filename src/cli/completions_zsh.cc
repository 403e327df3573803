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

// By the number of arguments that are there already.
std::string zsh_arguments(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) {
    for (std::size_t i = 0; i < command.arguments.size(); ++i) {
      const ArgumentWords& argument = command.arguments[i];
      if (!argument.takes_file && argument.values.empty()) continue;
      out += "    '" + command.path + " " + std::to_string(i) + "')\n";
      if (argument.takes_file) {
        out += "      if [[ $PREFIX != -* ]]; then _files; return; fi\n";
      } else {
        out += "      found=(\n";
        for (const std::string& value : argument.values) out += zsh_entry(value, "");
        out += "      )\n";
      }
      out += "      ;;\n";
    }
  }
  return out;
}

// Where in the line the word stands: of which command, behind what, the how many-th argument.
std::string zsh_place(const std::vector<CommandWords>& commands) {
  std::string known;
  for (const CommandWords& command : commands) {
    if (command.path.empty()) continue;
    known += "      '" + step_to(command) + "') command='" + command.path + "' arguments=0 ;;\n";
  }
  std::string with_values;
  for (const std::string& option : options_with_values(commands)) {
    with_values += (with_values.empty() ? "'" : " | '") + option + "'";
  }
  return "  for ((i = 2; i < CURRENT; ++i)); do\n"
         "    case \"$command $last\" in\n"
         "      " +
         with_values +
         ")\n"
         "        last=\n"
         "        continue\n"
         "        ;;\n"
         "    esac\n"
         "    last=${words[i]}\n"
         "    case \"$command $last\" in\n" +
         known +
         "      \"$command -\"*) ;;\n"
         "      *) ((++arguments)) ;;\n"
         "    esac\n"
         "  done\n"
         "  if [[ $PREFIX == --*=* ]]; then\n"
         "    last=${PREFIX%%=*}\n"
         "    compset -P 1 '*='\n"
         "  fi\n";
}

}  // namespace

std::string zsh_completions(const std::vector<CommandWords>& commands) {
  std::string words;
  for (const CommandWords& command : commands) {
    const std::string entries = zsh_entries(command);
    if (entries.empty()) continue;
    words += "    '" + command.path + "')\n      found+=(\n" + entries + "      )\n      ;;\n";
  }
  return "#compdef sluice\n"
         "# Completions of sluice for zsh, made by `sluice completions zsh`.\n"
         "_sluice() {\n"
         "  local command= last= arguments=0 i\n"
         "  local -a found\n" +
         zsh_place(commands) + "  case \"$command $last\" in\n" + zsh_values(commands) +
         "  esac\n"
         "  case \"$command $arguments\" in\n" +
         zsh_arguments(commands) +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  _describe sluice found\n"
         "}\n"
         "if [[ $funcstack[1] == _sluice ]]; then _sluice \"$@\"; else compdef _sluice sluice; "
         "fi\n";
}

}  // namespace sluice::cli
