#pragma once

#include <chrono>
#include <thread>

namespace sluice::test {

// For what another process does and no one can wake us for. True as soon as `holds()` is, false
// when it has not become so within `timeout`.
template <class Predicate>
bool eventually(Predicate holds, std::chrono::milliseconds timeout,
                std::chrono::milliseconds every = std::chrono::milliseconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(every);
  }
  return true;
}

}  // namespace sluice::test
