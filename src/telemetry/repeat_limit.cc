#include "telemetry/repeat_limit.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "telemetry/text.h"

namespace sluice::telemetry {
namespace {

// Of what makes lines alike: a text may be long, and need not be kept for this.
std::size_t alike_of(Level level, const EventInfo& info, const std::vector<Field>& fields) {
  std::string text(1, static_cast<char>(level));
  for (const Field& field : fields) {
    if (!has_name(info.alike, field.name)) continue;
    text += field.name + '=' + field.text + '\n';
  }
  return std::hash<std::string>{}(text);
}

std::vector<Field> bounded(std::vector<Field> fields) {
  for (Field& field : fields) {
    if (field.text.size() <= RepeatLimit::kLongestHeld) continue;
    field.text.resize(RepeatLimit::kLongestHeld);
    field.text += "...";
  }
  return fields;
}

Field counted(bool others, std::uint64_t count) {
  return {others ? "held_back_others" : "held_back", count};
}

}  // namespace

std::optional<std::vector<Field>> RepeatLimit::admit(Level level, Event event,
                                                     const std::vector<Field>& fields, Instant now,
                                                     WallTime wall) {
  const EventInfo& info = info_of(event);
  if (info.alike.empty()) return std::vector<Field>{};
  OfEvent& of = events_[event];
  Kind& kind = kind_of(info, alike_of(level, info, fields), now);
  kind.burst = info.burst;
  if (!may_pass(of, kind, now)) {
    hold(kind, {level, event, bounded(fields)}, wall);
    return std::nullopt;
  }
  std::vector<Field> more;
  if (kind.last) {
    ++held_back_;  // this one is written in its place
    more.push_back(counted(&kind == &of.others, kind.count + 1));
    kind.last.reset();
    kind.count = 0;
  }
  return more;
}

RepeatLimit::Kind& RepeatLimit::kind_of(const EventInfo& info, std::size_t alike, Instant now) {
  OfEvent& of = events_[info.event];
  if (const auto found = of.kinds.find(alike); found != of.kinds.end()) return found->second;
  if (of.kinds.size() >= kMostKinds) {
    std::erase_if(of.kinds, [&](const auto& entry) {
      return is_over(entry.second, now) && !entry.second.last;
    });
  }
  return of.kinds.size() < kMostKinds ? of.kinds[alike] : of.others;
}

bool RepeatLimit::is_over(const Kind& kind, Instant now) { return now >= kind.window_end; }

// A window in which some line was held back is followed by a longer one; any other by none.
void RepeatLimit::next_window(Kind& kind, Instant now) {
  const bool flood = kind.last.has_value() && kind.window > Duration{};
  kind.window = flood ? std::min(2 * kind.window, kLongestWindow) : kFirstWindow;
  kind.window_end = now + kind.window;
  kind.room = flood ? 1 : kind.burst;
}

bool RepeatLimit::may_pass(OfEvent& of, Kind& kind, Instant now) {
  const bool overdue = is_over(kind, now) && kind.last;
  if (is_over(kind, now)) next_window(kind, now);
  if (now >= of.window_end) {
    of.window_end = now + kFirstWindow;
    of.passed = 0;
  }
  if (kind.room == 0 || (of.passed >= kEventBurst && !overdue)) return false;
  --kind.room;
  ++of.passed;
  return true;
}

void RepeatLimit::hold(Kind& kind, Line line, WallTime wall) {
  if (kind.last) {
    ++kind.count;
    ++held_back_;
  }
  kind.last = std::move(line);
  kind.last_at = wall;
}

RepeatLimit::Line RepeatLimit::take(Kind& kind, bool others) {
  Line line = *std::exchange(kind.last, std::nullopt);
  line.fields.emplace_back("happened_at", to_utc(kind.last_at));
  if (kind.count > 0) line.fields.push_back(counted(others, std::exchange(kind.count, 0)));
  return line;
}

template <typename Wanted>
std::vector<RepeatLimit::Line> RepeatLimit::take_all(const Wanted& wanted) {
  std::vector<std::pair<WallTime, Line>> found;
  for (auto& [event, of] : events_) {
    const auto look_at = [&](Kind& kind, bool others) {
      if (!kind.last || !wanted(of, kind)) return;
      found.emplace_back(kind.last_at, take(kind, others));
    };
    for (auto& [alike, kind] : of.kinds) look_at(kind, false);
    look_at(of.others, true);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Line> lines;
  for (auto& [when, line] : found) lines.push_back(std::move(line));
  return lines;
}

std::vector<RepeatLimit::Line> RepeatLimit::due(Instant now) {
  return take_all(
      [&](OfEvent& of, Kind& kind) { return is_over(kind, now) && may_pass(of, kind, now); });
}

std::vector<RepeatLimit::Line> RepeatLimit::rest() {
  return take_all([](const OfEvent&, const Kind&) { return true; });
}

}  // namespace sluice::telemetry
