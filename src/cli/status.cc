#include "cli/status.h"

#include <cstdio>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/admin_options.h"
#include "cli/cli.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "cli/terminal.h"
#include "glance/document.h"
#include "glance/picture.h"
#include "glance/screen.h"

namespace sluice::cli {
namespace {

constexpr Duration kEvery = std::chrono::seconds(2);
constexpr Duration kAskTimeout = std::chrono::seconds(5);

struct Seen {
  int code = kOk;
  std::string text;  // of standard output, or of standard error where `code` is kNobodyAnswers
};

std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
  if (word.find_first_not_of(kPlain) == word.npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + '\'';
}

Seen unseen(const Error& error) { return {kNobodyAnswers, "sluice: " + error.text() + '\n'}; }

// What has to be said to `sluice act`, too; as a shell takes it.
std::string where(const AdminOptions& admin) {
  if (!admin.config_path.empty()) return "--config " + quoted(admin.config_path);
  return admin.url.empty() ? "" : "--url " + quoted(admin.url);
}

Seen look(AdminClient& client, const StatusOptions& options) {
  const auto answer = client.get("/status");
  if (!answer) return unseen(answer.error());
  if (answer->status != 200) {
    return unseen({client.url() + "/status answers " + std::to_string(answer->status),
                   "check that the address is admin.listen's"});
  }
  const auto document = glance::read_document(answer->body);
  if (!document) return unseen(document.error());
  return {document->all_flows() ? kOk : kFailed,
          options.json ? answer->body
                       : glance::screen(*document, wants_colour(), where(options.admin))};
}

int watch(AdminClient& client, const StatusOptions& options) {
  const Signals signals;
  glance::Picture picture;
  const bool redraw = is_terminal() && !options.json;
  Seen seen;
  do {
    seen = look(client, options);
    // Whoever read it has gone.
    if (!print(redraw ? picture.draw(seen.text, terminal_rows()) : seen.text + '\n')) break;
  } while (!signals.wait(kEvery));
  return seen.code;
}

}  // namespace

CLI::App* add_status(CLI::App& app, StatusOptions& options) {
  CLI::App* command = app.add_subcommand(
      "status", "Show what a Sluice that runs is doing, what stands still and why");
  command->add_flag("--watch", options.watch, "Again every two seconds, until Ctrl-C");
  command->add_flag("--json", options.json, "As /status says it");
  add_admin_options(*command, options.admin);
  command->footer(
      "Example: sluice status --watch\n"
      "Exit codes: 0 everything flows, 1 something stands still, 2 wrong command line, 3 nobody "
      "answers");
  return command;
}

int status(const StatusOptions& options, const Clock& clock) {
  const auto client = make_admin_client(options.admin, AdminToken::unused, kAskTimeout, clock);
  if (!client) return kBadInput;
  if (options.watch) return watch(*client, options);
  const Seen seen = look(*client, options);
  if (seen.code != kNobodyAnswers) {
    print(seen.text);
  } else {
    std::fputs(seen.text.c_str(), stderr);
  }
  return seen.code;
}

}  // namespace sluice::cli
