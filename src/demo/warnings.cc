#include "demo/warnings.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice::demo {

void Warnings::write(telemetry::Level level, telemetry::Event event,
                     const std::vector<telemetry::Field>& fields) {
  if (level < telemetry::Level::warn) return;
  if (event == telemetry::Event::kafka_log) return;  // mostly what the mock broker cannot do
  std::string line(to_string(event));
  for (const std::string_view wanted : {"target", "pipeline", "detail"}) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& field) { return field.name == wanted; });
    if (found != fields.end()) line.append(": ").append(found->text);
  }
  const std::lock_guard lock(mutex_);
  newest_ = std::move(line);
}

std::string Warnings::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

}  // namespace sluice::demo
