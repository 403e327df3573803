#include "service/kafka_log.h"

#include <algorithm>
#include <vector>

namespace sluice::service {
namespace {

constexpr int kError = 3;
constexpr int kWarning = 4;
constexpr int kInfo = 6;

telemetry::Level level_of(int syslog_level) {
  if (syslog_level <= kError) return telemetry::Level::error;
  if (syslog_level <= kWarning) return telemetry::Level::warn;
  return syslog_level <= kInfo ? telemetry::Level::info : telemetry::Level::debug;
}

}  // namespace

void KafkaLog::write(int level, std::string_view text) {
  // Behind it stands how often and how long, which differs each time.
  const auto settled = std::min(text.find(" (after "), text.size());
  std::vector<telemetry::Field> fields{{"detail", text.substr(0, settled)}};
  if (settled < text.size()) fields.emplace_back("circumstances", text.substr(settled + 1));
  log_.write(level_of(level), telemetry::Event::kafka_log, fields);
}

}  // namespace sluice::service
