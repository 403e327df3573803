// Standard output during `sluice demo`.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "demo/overview.h"
#include "demo/reconciliation.h"
#include "demo/screen.h"

namespace sluice::cli {

// On a terminal a table that is redrawn, else a line each time. NO_COLOR is obeyed.
class DemoTerminal {
 public:
  DemoTerminal();

  // False once something could not be written: whoever read it has gone.
  bool works() const;
  // Text that stays; it ends in a line break.
  void say(const std::string& text);
  void show(Duration elapsed, const demo::Tally& tally, const std::vector<demo::PipelineRow>& rows,
            const std::string& warning);
  // What was shown last stays, too.
  void keep() { screen_.keep(); }

 private:
  const bool live_;
  const bool colour_;
  demo::Screen screen_;
};

}  // namespace sluice::cli
