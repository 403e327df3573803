// What the API refuses in one record.
#pragma once

#include <rapidjson/fwd.h>

#include <optional>
#include <span>
#include <string_view>

#include "simulator/answer.h"
#include "simulator/event_types.h"

namespace sluice::simulator {

// Whom the headers say that a request is for; its records must say the same.
struct Tenant {
  std::string_view account_id;
  std::string_view workspace_id;
};

// A required field must be there and neither null nor empty; an optional one may be null.
class RecordRules {
 public:
  explicit RecordRules(const EventType& type);

  // nullopt: taken, and `record` is an object whose id field is a string. Otherwise the first
  // field that is wrong.
  std::optional<Refusal> check(const rapidjson::Value& record, const Tenant& tenant) const;

  struct Field;

 private:
  const EventType& type_;
  std::span<const Field> common_;
  std::span<const Field> own_;
};

}  // namespace sluice::simulator
