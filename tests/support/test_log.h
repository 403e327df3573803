#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "telemetry/log.h"

namespace sluice::test {

// Remembers events instead of writing them. Thread-safe.
class TestLog final : public telemetry::Log {
 public:
  void write(telemetry::Level, telemetry::Event event,
             const std::vector<telemetry::Field>& /*fields*/) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }

  std::size_t count(telemetry::Event event) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count(events_.begin(), events_.end(), event));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<telemetry::Event> events_;
};

}  // namespace sluice::test
