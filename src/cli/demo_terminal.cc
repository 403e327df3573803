#include "cli/demo_terminal.h"

#include <cstdio>

#include "cli/terminal.h"
#include "demo/report.h"
#include "demo/table.h"

namespace sluice::cli {
namespace {

void draw(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

DemoTerminal::DemoTerminal() : live_(is_terminal()), colour_(wants_colour()) {}

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
