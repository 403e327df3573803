// The nine kinds of record that the Data Pipeline API takes, each at an endpoint of its own.
#pragma once

#include <array>
#include <string_view>

namespace sluice::simulator {

struct EventType {
  std::string_view name;      // also of its schema: config/schemas/<name>.json
  std::string_view path;      // of its endpoint, behind the prefix
  std::string_view category;  // what event_category must say; empty: anything, or no such field
  std::string_view id_field;  // the field that identifies a record
};

inline constexpr std::array<EventType, 9> kEventTypes{{
    {"customers", "/customers", "", "user_id"},
    {"account", "/events/account", "Account", "event_id"},
    {"deposit", "/events/deposit", "Deposit", "event_id"},
    {"withdraw", "/events/withdraw", "Withdraw", "event_id"},
    {"gaming-activity", "/events/gaming-activity", "Gaming Activity", "event_id"},
    {"wallet-balance", "/events/wallet-balance", "Wallet Balance", "event_id"},
    {"refer-friend", "/events/refer-friend", "Refer Friend", "event_id"},
    {"system-events", "/events/system-events", "", "event_id"},
    {"extattributes", "/extattributes", "", "user_id"},
}};

// nullptr where there is none.
constexpr const EventType* find_event_type(std::string_view path) {
  for (const EventType& type : kEventTypes) {
    if (type.path == path) return &type;
  }
  return nullptr;
}

}  // namespace sluice::simulator
