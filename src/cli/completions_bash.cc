#include "cli/command_words.h"
#include "cli/completions.h"

namespace sluice::cli {
namespace {

// A word is completed by readline itself: it knows blanks, quotes and folders.
constexpr const char* kBashFiles = "compopt -o default; return";

std::string bash_quoted(const std::string& word) { return '"' + word + '"'; }

std::string with_blanks(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// Patterns of a case, for what takes a value.
std::string bash_options_with_values(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const std::string& option : options_with_values(commands)) {
    out += (out.empty() ? "" : " | ") + bash_quoted(option);
  }
  return out;
}

// What follows an option that takes a value.
std::string bash_values(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (!option.takes_value) continue;
      for (const std::string& name : option.names) {
        out += "    " + bash_quoted(command.path + " " + name) + ")\n      ";
        if (option.takes_file) {
          out += kBashFiles;
        } else {
          out += "COMPREPLY=($(compgen -W \"" + with_blanks(option.values) +
                 "\" -- \"$word\"))\n      return";
        }
        out += "\n      ;;\n";
      }
    }
  }
  return out;
}

// By the number of arguments that are there already.
std::string bash_arguments(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) {
    for (std::size_t i = 0; i < command.arguments.size(); ++i) {
      const ArgumentWords& argument = command.arguments[i];
      if (!argument.takes_file && argument.values.empty()) continue;
      out += "    " + bash_quoted(command.path + " " + std::to_string(i)) + ") ";
      if (argument.takes_file) {
        out += std::string("if [[ $word != -* ]]; then ") + kBashFiles + "; fi ;;\n";
      } else {
        out += "words=" + bash_quoted(with_blanks(argument.values)) + " ;;\n";
      }
    }
  }
  return out;
}

std::string bash_words(const CommandWords& command) {
  std::string out;
  for (const Word& word : command.commands) out += " " + word.text;
  for (const OptionWords& option : command.options) {
    for (const std::string& name : option.names) out += " " + name;
  }
  return out;
}

// Of what is a word of its own to bash, "=" and ":" belong to what surrounds them.
std::string bash_place(const std::vector<CommandWords>& commands) {
  std::string known;
  for (const CommandWords& command : commands) {
    if (command.path.empty()) continue;
    known += "      " + bash_quoted(step_to(command)) + ") command=" + bash_quoted(command.path) +
             " arguments=0 ;;\n";
  }
  const std::string with_values = bash_options_with_values(commands);
  return "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    one=${COMP_WORDS[i]}\n"
         "    case \"$command $last\" in\n"
         "      " +
         with_values +
         ")\n"
         "        if [[ $one != = ]]; then last=; fi\n"
         "        continue\n"
         "        ;;\n"
         "    esac\n"
         "    if [[ $one == [=:]* ]]; then\n"
         "      ((++i))\n"
         "      continue\n"
         "    fi\n"
         "    last=$one\n"
         "    case \"$command $one\" in\n" +
         known +
         "      \"$command -\"*) ;;\n"
         "      *) ((++arguments)) ;;\n"
         "    esac\n"
         "  done\n";
}

}  // namespace

std::string bash_completions(const std::vector<CommandWords>& commands) {
  std::string words;
  for (const CommandWords& command : commands) {
    const std::string found = bash_words(command);
    if (!found.empty())
      words += "    " + bash_quoted(command.path) + ") words+=" + bash_quoted(found) + " ;;\n";
  }
  return "# Completions of sluice for bash, made by `sluice completions bash`.\n"
         "_sluice() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} command= last= arguments=0 words= one i\n"
         "  if [[ $word == = ]]; then word=; fi\n"
         "  COMPREPLY=()\n" +
         bash_place(commands) + "  case \"$command $last\" in\n" + bash_values(commands) +
         "  esac\n"
         "  case \"$command $arguments\" in\n" +
         bash_arguments(commands) +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -F _sluice sluice\n";
}

}  // namespace sluice::cli
