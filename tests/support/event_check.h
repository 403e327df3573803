// Holds log lines to the one list of events.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/event_list.h"

namespace sluice::test {

struct SeenField {
  std::string name;
  bool number = false;
};

// What is wrong with a line, in plain words; empty: nothing.
inline std::string complaint_about(std::string_view level, std::string_view event,
                                   const std::vector<SeenField>& fields) {
  using telemetry::has_name;
  const auto events = telemetry::all_events();
  const auto info = std::find_if(events.begin(), events.end(),
                                 [&](const auto& each) { return each.name == event; });
  if (info == events.end()) return "no such event";
  if (!has_name(info->levels, level)) return "it never has the level " + std::string(level);
  for (const SeenField& field : fields) {
    const bool counts = !info->alike.empty() && has_name(telemetry::kHeldBackFields, field.name);
    if (!counts && !has_name(info->fields, field.name) && !has_name(info->may_have, field.name)) {
      return "it has no field " + field.name;
    }
    const auto all = telemetry::all_fields();
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const auto& each) { return each.name == field.name; });
    if (known == all.end() || known->number != field.number)
      return field.name + " has another type";
  }
  std::string missing;
  telemetry::each_name(info->fields, [&](std::string_view name) {
    const bool there = std::any_of(fields.begin(), fields.end(),
                                   [&](const SeenField& field) { return field.name == name; });
    if (!there) missing = "it lacks " + std::string(name);
  });
  return missing;
}

}  // namespace sluice::test
