#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "support/event_check.h"
#include "telemetry/log.h"

namespace sluice::test {

// Remembers lines instead of writing them; one that is not as the list of events says fails the
// test. Thread-safe.
class TestLog final : public telemetry::Log {
 public:
  struct Line {
    telemetry::Level level;
    telemetry::Event event;
    std::vector<telemetry::Field> fields;

    // Of the field of that name; "(none)" where there is none.
    std::string text(std::string_view name) const {
      const auto found = std::find_if(fields.begin(), fields.end(),
                                      [&](const auto& field) { return field.name == name; });
      return found == fields.end() ? "(none)" : found->text;
    }
  };

  void write(telemetry::Level level, telemetry::Event event,
             const std::vector<telemetry::Field>& fields) override {
    std::vector<SeenField> seen;
    for (const auto& field : fields) seen.push_back({field.name, field.number});
    EXPECT_EQ(complaint_about(to_string(level), to_string(event), seen), "") << to_string(event);
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, event, fields});
  }

  std::vector<Line> lines(telemetry::Event event) const {
    const std::lock_guard lock(mutex_);
    std::vector<Line> found;
    std::copy_if(lines_.begin(), lines_.end(), std::back_inserter(found),
                 [&](const Line& line) { return line.event == event; });
    return found;
  }
  std::size_t count(telemetry::Event event) const { return lines(event).size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace sluice::test
