#include "cli/signals.h"

#include <ctime>
#include <string_view>

namespace sluice::cli {

namespace {

sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

}  // namespace

void keep_signals_for_run(int argc, const char* const* argv) {
  if (argc > 1 && std::string_view(argv[1]) == "run") block_signals();
}

Signals::Signals() : set_(block_signals()) { ::signal(SIGPIPE, SIG_IGN); }

std::optional<int> Signals::wait(Duration wait) const {
  const auto ns = wait.count();
  const timespec limit{static_cast<std::time_t>(ns / 1'000'000'000), ns % 1'000'000'000};
  const int signal = ::sigtimedwait(&set_, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

}  // namespace sluice::cli
