#include "cli/demo_terminal.h"

#include "cli/standard_streams.h"
#include "cli/terminal.h"
#include "demo/report.h"
#include "demo/table.h"

namespace sluice::cli {
DemoTerminal::DemoTerminal() : live_(is_terminal()), colour_(wants_colour()) {}

bool DemoTerminal::works() const { return flush_output(); }

void DemoTerminal::say(const std::string& text) { print(screen_.say(text)); }

void DemoTerminal::show(Duration elapsed, const demo::Tally& tally,
                        const std::vector<demo::PipelineRow>& rows, const std::string& warning) {
  if (live_) {
    print(screen_.show(demo::table(rows, warning, colour_)));
  } else {
    print(demo::progress_line(elapsed, tally, rows));
  }
}

}  // namespace sluice::cli
