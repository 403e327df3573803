#include "cli/help.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace sluice::cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMostLabel = 26;

using Row = std::pair<std::string, std::string>;  // what, and what it is

// `text` from column `indent` on, where it begins on a line that is there already.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string table(std::string_view title, const std::vector<Row>& rows) {
  if (rows.empty()) return {};
  std::size_t widest = 0;
  for (const Row& row : rows) {
    if (row.first.size() <= kMostLabel) widest = std::max(widest, row.first.size());
  }
  const std::size_t indent = widest + 4;
  std::string out = "\n" + std::string(title) + ":\n";
  for (const auto& [what, meaning] : rows) {
    std::string line = "  " + what;
    line += line.size() + 2 > indent ? "\n" + std::string(indent, ' ')
                                     : std::string(indent - line.size(), ' ');
    out += line + wrapped(meaning, indent) + "\n";
  }
  return out;
}

bool is_shown(const CLI::Option& option) { return !option.get_group().empty(); }

std::string label_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name();
  std::string label;
  for (const std::string& name : option.get_snames()) label += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) label += "--" + name;
  const std::string value = value_name(option);
  return value.empty() ? label : label + " " + value;
}

std::string meaning_of(const CLI::Option& option) {
  std::string meaning = option.get_description();
  const std::string value = option.get_positional() ? value_name(option) : "";
  if (value.find('|') != value.npos) meaning += " (" + value + ")";
  if (!option.get_default_str().empty()) meaning += " (default " + option.get_default_str() + ")";
  if (option.get_required() && !option.get_positional()) meaning += " (required)";
  return meaning;
}

std::vector<Row> options_of(const CLI::App& app, bool positional) {
  std::vector<Row> rows;
  for (const CLI::Option* option : app.get_options({})) {
    if (!is_shown(*option) || option->get_positional() != positional) continue;
    rows.emplace_back(label_of(*option), meaning_of(*option));
  }
  return rows;
}

std::string usage_of(const CLI::App& app) {
  std::string usage = "Usage: " + full_name(app);
  if (!app.get_subcommands({}).empty()) return usage + " COMMAND\n";
  for (const CLI::Option* option : app.get_options({})) {
    if (!option->get_positional()) continue;
    const std::string& name = option->get_name();
    usage += option->get_required() ? " " + name : " [" + name + "]";
  }
  return usage + " [options]\n";
}

class Help final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string /*name*/,
                        CLI::AppFormatMode /*mode*/) const override {
    return help_of(*app);
  }
};

}  // namespace

std::string help_of(const CLI::App& app) {
  std::vector<Row> commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.emplace_back(command->get_name(), command->get_description());
  }
  std::string out = usage_of(app) + "\n" + wrapped(app.get_description(), 0) + "\n";
  out += table("Arguments", options_of(app, true));
  out += table("Commands", commands);
  out += table("Options", options_of(app, false));
  const std::string footer = app.get_footer();
  return footer.empty() ? out : out + "\n" + footer + "\n";
}

void use_own_help(CLI::App& app) {
  app.formatter(std::make_shared<Help>());
  app.set_help_flag("-h,--help", "Say this");
}

std::string full_name(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* parent = app.get_parent(); parent != nullptr;
       parent = parent->get_parent()) {
    name = parent->get_name() + " " + name;
  }
  return name;
}

std::string value_name(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  return type == "UINT" || type == "INT" ? "N" : type;
}

}  // namespace sluice::cli
