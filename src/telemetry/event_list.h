// The one list of log events: name, levels, meaning and fields. docs/logs.md is made from it, and
// every line that a test sees is held to it, since searches and alerts are written against it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "telemetry/log.h"

namespace sluice::telemetry {

// Names in lists are parted by one blank.
struct EventInfo {
  Event event;
  std::string_view name;
  std::string_view levels;         // that it may have
  std::string_view meaning;        // for people, who find `name` in front of it
  std::string_view fields;         // that each line has
  std::string_view may_have = {};  // that some lines have, beside kHeldBackFields
  // Fields by which two lines are alike: of those only some are written where they come in floods
  // (repeat_limit.h). Empty: each line is written.
  std::string_view alike = {};
  // Lines that are alike and are let through at once. One where it is no event that is told of but
  // a state, again and again.
  std::size_t burst = 5;
};

struct FieldInfo {
  std::string_view name;
  bool number;
  std::string_view meaning;
};

// What any event may have whose lines may be held back.
inline constexpr std::string_view kHeldBackFields = "held_back held_back_others happened_at";

// In the order of the enumerators.
std::span<const EventInfo> all_events();
const EventInfo& info_of(Event event);
// A name means the same in every event. In the order of the alphabet.
std::span<const FieldInfo> all_fields();

// Calls `take` with each name of such a list.
template <typename Take>
void each_name(std::string_view names, const Take& take) {
  while (!names.empty()) {
    const auto end = names.find(' ');
    take(names.substr(0, end));
    names.remove_prefix(end == names.npos ? names.size() : end + 1);
  }
}
bool has_name(std::string_view names, std::string_view name);

}  // namespace sluice::telemetry
