#include <cstdio>
#include <random>

#include "base/failpoint.h"
#include "base/system_clock.h"
#include "cli/cli.h"
#include "cli/standard_streams.h"

int main(int argc, char** argv) {
  sluice::cli::open_standard_streams();
  if (const auto armed = sluice::arm_failpoint(); !armed) {
    std::fprintf(stderr, "sluice: %s\n", armed.error().text().c_str());
    return sluice::cli::kBadInput;
  }
  const sluice::SystemClock clock;
  std::random_device entropy;
  const std::uint64_t seed = (std::uint64_t{entropy()} << 32) | entropy();
  return sluice::cli::run_command_line(argc, argv, clock, seed);
}
