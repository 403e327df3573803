// A request body: one record or an array of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "simulator/event_types.h"
#include "simulator/record_rules.h"

namespace sluice::simulator {

inline constexpr std::size_t kMostRecords = 500;

// The ids of all records in `body`, or why nothing of it is taken.
tl::expected<std::vector<std::string>, Refusal> read_records(const EventType& type,
                                                             std::string_view body,
                                                             const Tenant& tenant);

}  // namespace sluice::simulator
