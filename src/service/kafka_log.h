// librdkafka's own lines, in ours.
#pragma once

#include <string_view>

#include "telemetry/log.h"

namespace sluice::service {

// Thread-safe.
class KafkaLog {
 public:
  explicit KafkaLog(telemetry::Log& log) : log_(log) {}

  // `level` as in syslog.
  void write(int level, std::string_view text);

 private:
  telemetry::Log& log_;
};

}  // namespace sluice::service
