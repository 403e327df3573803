// How a generated record is told from all others, wherever it turns up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/event_types.h"

namespace sluice::demo {

// The Kafka header that carries the id: a dead letter is known by it whatever its value is.
inline constexpr const char* kIdHeader = "demo.id";

// "deposit-0000000042"; where users are identified, "player-0000000042".
std::string record_id(const simulator::EventType& type, std::uint64_t number);

// Back again; nothing when it is not exactly the id of a record of that type.
std::optional<std::uint64_t> record_number(const simulator::EventType& type, std::string_view id);

}  // namespace sluice::demo
