#include "cli/signals.h"

#include <ctime>

namespace sluice::cli {

Signals::Signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

std::optional<int> Signals::wait(Duration wait) const {
  const auto ns = wait.count();
  const timespec limit{static_cast<std::time_t>(ns / 1'000'000'000), ns % 1'000'000'000};
  const int signal = ::sigtimedwait(&set_, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

}  // namespace sluice::cli
