#include "cli/demo_terminal.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "demo/report.h"
#include "demo/table.h"

namespace sluice::cli {
namespace {

bool is_live() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

// https://no-color.org: set to anything but nothing.
bool wants_colour() {
  const char* const none = std::getenv("NO_COLOR");
  return none == nullptr || *none == '\0';
}

void draw(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

DemoTerminal::DemoTerminal() : live_(is_live()), colour_(live_ && wants_colour()) {}

bool DemoTerminal::works() const { return std::ferror(stdout) == 0; }

void DemoTerminal::say(const std::string& text) { draw(screen_.say(text)); }

void DemoTerminal::show(Duration elapsed, const demo::Tally& tally,
                        const std::vector<demo::PipelineRow>& rows, const std::string& warning) {
  if (live_) {
    draw(screen_.show(demo::table(rows, warning, colour_)));
  } else {
    draw(demo::progress_line(elapsed, tally, rows));
  }
}

}  // namespace sluice::cli
