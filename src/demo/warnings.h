// The log of a service that runs below a table: nothing of it may be written over that.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "telemetry/log.h"

namespace sluice::demo {

// Remembers the newest warning or error. Thread-safe.
class Warnings final : public telemetry::Log {
 public:
  void write(telemetry::Level level, telemetry::Event event,
             const std::vector<telemetry::Field>& fields) override;

  // The event, what it happened to and its words, such as "breaker_opened: data-pipeline: status
  // 503"; empty when there was none.
  std::string newest() const;

 private:
  mutable std::mutex mutex_;
  std::string newest_;
};

}  // namespace sluice::demo
