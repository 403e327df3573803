// All commands with their options, as CLI11 keeps them: what parses, help, completions and
// docs/commands.md are made from.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  CLI::App& app() { return *app_; }
  // The command that was parsed; its exit code.
  int run(const Clock& clock, std::uint64_t seed) const;

 private:
  struct Options;
  struct Command;

  const std::unique_ptr<Options> options_;
  const std::unique_ptr<CLI::App> app_;
};

}  // namespace sluice::cli
