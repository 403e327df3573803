#include <malloc.h>

#include <cstdio>
#include <random>

#include "base/core_dumps.h"
#include "base/failpoint.h"
#include "base/system_clock.h"
#include "cli/cli.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"

namespace {

// What large records took goes back to the system when they are done with. By itself glibc keeps
// pieces of up to 32 MiB for later once it has freed one, in each thread's heap: up to 70 MiB more
// than the budget with records of 10 MB.
[[maybe_unused]] constexpr int kGivenBack = 4 << 20;  // bytes

}  // namespace

int main(int argc, char** argv) {
  sluice::cli::keep_signals_for_run(argc, argv);
  sluice::cli::open_standard_streams();
  sluice::keep_memory_out_of_core_dumps();
#ifdef M_MMAP_THRESHOLD
  ::mallopt(M_MMAP_THRESHOLD, kGivenBack);
#endif
  if (const auto armed = sluice::arm_failpoint(); !armed) {
    std::fprintf(stderr, "sluice: %s\n", armed.error().text().c_str());
    return sluice::cli::kBadInput;
  }
  const sluice::SystemClock clock;
  std::random_device entropy;
  const std::uint64_t seed = (std::uint64_t{entropy()} << 32) | entropy();
  return sluice::cli::run_command_line(argc, argv, clock, seed);
}
