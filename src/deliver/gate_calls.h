// Calls to workers that are made once nothing is locked any more.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "deliver/target_gate.h"

namespace sluice::deliver {

// Stands in front of the lock in its block, so that it goes after it.
class TargetGate::Calls {
 public:
  Calls() = default;
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls() {
    for (const auto& wake : wakes_) wake();
  }

  void add(std::function<void()> wake) { wakes_.push_back(std::move(wake)); }

 private:
  std::vector<std::function<void()>> wakes_;
};

}  // namespace sluice::deliver
