// The three acts of the demonstration.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "simulator/fault.h"

namespace sluice::demo {

enum class Phase : std::uint8_t { healthy, broken, healed };

// The middle third is broken; without a fault there is one act only.
Phase phase_at(Duration elapsed, Duration duration, simulator::Fault fault);

// What is announced when a phase begins: what happens, and what to look at. Without a fault
// nothing breaks, and only `healthy` is announced.
std::string announcement(Phase phase, simulator::Fault fault);

}  // namespace sluice::demo
