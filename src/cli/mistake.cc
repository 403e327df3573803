#include "cli/mistake.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/help.h"
#include "config/nearest.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

std::string see_help(const CLI::App& app) { return "see " + full_name(app) + " --help"; }

// "dlq " in front of its commands.
std::string in_front(const CLI::App& app) {
  return app.get_parent() == nullptr ? "" : app.get_name() + " ";
}

Error no_such_command(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  const std::string_view near = config::nearest(word, {names.begin(), names.end()});
  return {"there is no command " + config::in_quotes(in_front(app) + std::string(word)),
          near.empty() ? see_help(app) : "did you mean " + in_front(app) + std::string(near) + "?"};
}

Error no_command(const CLI::App& app) {
  std::size_t widest = 0;
  for (const CLI::App* command : app.get_subcommands({})) {
    widest = std::max(widest, command->get_name().size());
  }
  const bool all = app.get_parent() == nullptr;
  std::string text = all ? "it needs a command:" : app.get_name() + " needs one of its commands:";
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string& name = command->get_name();
    text += "\n  " + full_name(app) + " " + name + std::string(widest + 2 - name.size(), ' ') +
            command->get_description();
  }
  return {text, ""};
}

Error no_such_option(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  const std::string_view bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  const std::string_view near = config::nearest(bare, {names.begin(), names.end()});
  // It may well be one of a command that is missing in front of it.
  if (near.empty() && !app.get_subcommands({}).empty()) return no_command(app);
  return {full_name(app) + " has no option " + config::in_quotes(word),
          near.empty() ? see_help(app) : "did you mean --" + std::string(near) + "?"};
}

Error given_twice(const std::string& option) {
  return {option + " is given twice", "keep the one that is meant"};
}

Error no_value(const CLI::App& app, const std::string& option) {
  return {option + " needs a value", see_help(app)};
}

// The key of a record may be.
bool may_not_be_empty(std::string_view option) { return option != "--key"; }

// Goes through the words as CLI11 would.
class Scan {
 public:
  explicit Scan(const CLI::App& app) : app_(&app) {}

  const CLI::App& app() const { return *app_; }
  bool asks_for_help() const { return asks_for_help_; }

  // False once nothing more can be said.
  bool take(std::string_view word) {
    if (skips_ > 0) {
      --skips_;
      // A variable of the shell that is not set: it must not stand for "all".
      if (word.empty() && may_not_be_empty(option_)) mistake = no_value(*app_, option_);
      return !mistake;
    }
    if (word == "--") return false;
    if (word.size() > 1 && word.front() == '-') return take_option(word);
    if (app_->get_subcommands({}).empty()) return true;
    const auto found =
        app_->get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
    const CLI::App* const command = found.empty() ? nullptr : found.front();
    if (command == nullptr) {
      mistake = no_such_command(*app_, word);
      return false;
    }
    app_ = command;
    return true;
  }

  std::optional<Error> mistake;

 private:
  bool take_option(std::string_view word) {
    const std::size_t equals = word.find('=');
    const bool is_long = word[1] == '-';
    const std::string name(is_long ? word.substr(0, equals) : word.substr(0, 2));
    const CLI::Option* const option = app_->get_option_no_throw(name);
    if (option == nullptr) {
      mistake = no_such_option(*app_, is_long ? std::string_view(name) : word);
      return false;
    }
    if (name == "--help" || name == "-h" || name == "--version") {
      asks_for_help_ = true;
      return false;
    }
    const bool once = option->get_items_expected_max() == 1;
    if (once && !given_.insert(option).second) {
      mistake = given_twice(name);
      return false;
    }
    const bool apart = is_long ? equals == word.npos : word.size() == 2;
    if (option->get_items_expected_max() > 0 && apart) skips_ = 1;
    option_ = name;
    return true;
  }

  const CLI::App* app_;
  int skips_ = 0;
  std::string option_;  // whose value comes next
  std::set<const CLI::Option*> given_;
  bool asks_for_help_ = false;
};

Scan scan(const CLI::App& app, int argc, const char* const* argv) {
  Scan scan(app);
  for (int i = 1; i < argc; ++i) {
    if (!scan.take(argv[i])) break;
  }
  return scan;
}

// The example that the help of a command ends with.
std::string example_of(const CLI::App& command) {
  constexpr std::string_view kBegin = "Example: ";
  const std::string footer = command.get_footer();
  const std::size_t at = footer.find(kBegin);
  if (at == footer.npos) return {};
  return footer.substr(at + kBegin.size(), footer.find('\n', at) - at - kBegin.size());
}

// `text` up to `end`, behind `begin`.
std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == text.npos) return {};
  const std::size_t first = from + begin.size();
  const std::size_t to = end.empty() ? text.size() : text.find(end, first);
  return text.substr(first, to == text.npos ? to : to - first);
}

}  // namespace

std::optional<Error> find_mistake(const CLI::App& app, int argc, const char* const* argv) {
  const Scan done = scan(app, argc, argv);
  if (done.mistake || done.asks_for_help()) return done.mistake;
  if (!done.app().get_subcommands({}).empty()) return no_command(done.app());
  return std::nullopt;
}

const CLI::App& named_command(const CLI::App& app, int argc, const char* const* argv) {
  return scan(app, argc, argv).app();
}

Error mistake_of(const CLI::ParseError& error, const CLI::App& command) {
  const std::string text = error.what();
  const auto is = [&](CLI::ExitCodes code) {
    return error.get_exit_code() == static_cast<int>(code);
  };
  const std::string such_as = "write it such as: " + example_of(command);
  if (is(CLI::ExitCodes::RequiredError)) {
    return {between(text, "", " is required") + " is missing", such_as};
  }
  if (is(CLI::ExitCodes::ArgumentMismatch) && text.starts_with("--")) {
    return {between(text, "", ":") + " needs a value", see_help(command)};
  }
  if (is(CLI::ExitCodes::ConversionError) && text.starts_with("Could not convert: ")) {
    return {between(text, "convert: ", " = ") + ": " + config::in_quotes(between(text, " = ", "")) +
                " is not what it takes",
            see_help(command)};
  }
  if (is(CLI::ExitCodes::ExtrasError)) {
    const std::string words = between(text, "xpected: ", "");
    return {full_name(command) + " has no place for " + config::in_quotes(words),
            see_help(command)};
  }
  if (is(CLI::ExitCodes::ExcludesError)) {
    return {
        between(text, "", " excludes ") + " does not go with " + between(text, " excludes ", ""),
        "keep one of the two"};
  }
  return {text, ""};  // of a check, in our words
}

}  // namespace sluice::cli
