// What the records of the demonstration say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "demo/fields.h"
#include "simulator/event_types.h"

namespace sluice::demo {

// Of a record: who it is of, and when.
struct Subject {
  std::string_view account_id;
  std::string_view workspace_id;
  std::string user_id;
  std::string id;    // the record's own; the user's id where users are identified
  std::string time;  // ISO 8601, UTC
};

// A record of that type that the API takes.
Fields record_values(const simulator::EventType& type, const Subject& subject, Random& random);

// Which share of the records is of that type: a number to be set against that of the others.
std::uint32_t share_of(const simulator::EventType& type);

// The ways in which records go wrong.
enum class Flaw : std::uint8_t {
  not_json,
  missing_field,
  amount_as_text,
  blank_in_time,
  email_without_at,
  negative_amount,
};
inline constexpr std::uint8_t kFlaws = 6;

// The record as text, with that flaw, or with a missing field where its type cannot have it.
std::string spoiled(Fields fields, Flaw flaw);

}  // namespace sluice::demo
