#include "service/kafka_log.h"

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
  if (level <= kWarning) {
    // Behind it stands how often and how long, which differs each time.
    const std::string_view settled = text.substr(0, text.find(" (after "));
    const std::lock_guard lock(mutex_);
    if (!repeats_.is_news(settled, clock_.now())) return;
  }
  log_.write(level_of(level), telemetry::Event::kafka_log, {{"detail", text}});
}

}  // namespace sluice::service
