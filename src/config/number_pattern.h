// Bounds of numbers as regular expressions: all that a JSON Schema can say of a number with a unit.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::config {

// Matches the whole numbers from `low` to `high`, without zeros in front; of ECMA-262, one group,
// without anchors. low <= high.
std::string number_pattern(std::uint64_t low, std::uint64_t high);

}  // namespace sluice::config
