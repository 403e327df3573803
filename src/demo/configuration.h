// The configuration that the demonstration runs: a file like anybody's.
#pragma once

#include <string>
#include <string_view>

#include "simulator/event_types.h"

namespace sluice::demo {

// What the pipelines sign with; the simulator takes no other.
inline constexpr const char* kToken = "demo-token";
inline constexpr const char* kAccountId = "demo-account";
inline constexpr const char* kWorkspaceId = "demo-workspace";

// A pipeline has the name of its event type.
std::string topic_of(const simulator::EventType& type);
std::string dead_letter_topic_of(const simulator::EventType& type);

// A pipeline for each event type, from the broker to the API. `admin_token`: for actions.
std::string configuration(std::string_view broker, std::string_view base_url,
                          std::string_view admin_token);

}  // namespace sluice::demo
