#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/secret.h"

namespace sluice::config {

struct CommandLimits {
  Duration timeout = std::chrono::seconds(5);
  std::size_t output = std::size_t{64} * 1024;
};

// What `sh -c command` writes to stdout before it ends with status 0. It reads nothing and its
// stderr goes nowhere, since either may hold the secret. When it ends or the time is up, what is
// left of its process group is killed. The cause of an error is a clause about the command; no
// error holds any output.
Result<Secret> run_command(const std::string& command, const CommandLimits& limits);

}  // namespace sluice::config
