// librdkafka's own lines, in ours.
#pragma once

#include <mutex>
#include <string_view>

#include "base/clock.h"
#include "telemetry/log.h"
#include "telemetry/repeats.h"

namespace sluice::service {

// Thread-safe. What all clients say of a broker that is away, each time that they try, is one line
// a minute.
class KafkaLog {
 public:
  KafkaLog(telemetry::Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  // `level` as in syslog.
  void write(int level, std::string_view text);

 private:
  telemetry::Log& log_;
  const Clock& clock_;
  std::mutex mutex_;
  telemetry::Repeats repeats_{std::chrono::minutes(1)};
};

}  // namespace sluice::service
