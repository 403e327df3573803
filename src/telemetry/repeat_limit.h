// Keeps lines that come again and again from filling the log, and counts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "telemetry/event_list.h"
#include "telemetry/log.h"

namespace sluice::telemetry {

// Which lines are written. Two are alike that have the same event, level and fields of
// EventInfo::alike. Of lines that are alike EventInfo::burst are let through within kFirstWindow,
// and while more come one in each window, which grows to kLongestWindow. The others are held back:
// the next one like them that is let through has their number (`held_back`), and where none comes
// the last of them is written when the window ends, with the time that it is of (`happened_at`). So
// no line is lost uncounted, and what was last of all always stands in the log.
//
// Of one event kEventBurst lines are let through within kFirstWindow, and the last of each kind
// that was held back; kMostKinds kinds are remembered, all beyond count as one kind
// (`held_back_others`). So neither log nor memory grows with texts that are ever new. Pure; not
// thread-safe.
class RepeatLimit {
 public:
  static constexpr std::size_t kEventBurst = 20;
  static constexpr std::size_t kMostKinds = 32;
  static constexpr std::size_t kLongestHeld = 512;  // bytes of a text that is kept
  static constexpr Duration kFirstWindow = std::chrono::seconds(10);
  static constexpr Duration kLongestWindow = std::chrono::minutes(1);

  struct Line {
    Level level = Level::info;
    Event event = Event::kafka_log;
    std::vector<Field> fields;
  };

  // nullopt: the line is held back. Else it is to be written, with these fields at its end.
  std::optional<std::vector<Field>> admit(Level level, Event event,
                                          const std::vector<Field>& fields, Instant now,
                                          WallTime wall);
  // What was held back and is to be written now, in the order that it happened in. To be asked
  // every second or so.
  std::vector<Line> due(Instant now);
  // All that is held back, for the end, or before nobody would be told any more.
  std::vector<Line> rest();

  // Lines that were and will be counted instead of written.
  std::uint64_t held_back() const { return held_back_; }

 private:
  struct Kind {
    Instant window_end{};
    Duration window{};
    std::size_t room = 0;     // lines that may pass until then
    std::size_t burst = 1;    // that each first window has room for
    std::uint64_t count = 0;  // held back, beside the last one
    std::optional<Line> last;
    WallTime last_at{};
  };
  struct OfEvent {
    std::unordered_map<std::size_t, Kind> kinds;  // by what is alike
    Kind others;
    Instant window_end{};
    std::size_t passed = 0;
  };

  Kind& kind_of(const EventInfo& info, std::size_t alike, Instant now);
  static bool is_over(const Kind& kind, Instant now);
  static void next_window(Kind& kind, Instant now);
  static bool may_pass(OfEvent& of, Kind& kind, Instant now);
  void hold(Kind& kind, Line line, WallTime wall);
  static Line take(Kind& kind, bool others);
  template <typename Wanted>
  std::vector<Line> take_all(const Wanted& wanted);

  std::unordered_map<Event, OfEvent> events_;
  std::uint64_t held_back_ = 0;
};

}  // namespace sluice::telemetry
