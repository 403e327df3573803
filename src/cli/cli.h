// The command line.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace sluice::cli {

// Exit codes, the same for every command.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;         // started, or tried to, and could not go on
inline constexpr int kBadInput = 2;       // the command line or the configuration is wrong
inline constexpr int kNobodyAnswers = 3;  // of those who ask a Sluice that runs

// Runs the command that the arguments name and returns the exit code. `seed` is all the
// randomness there is.
int run_command_line(int argc, char** argv, const Clock& clock, std::uint64_t seed);

}  // namespace sluice::cli
