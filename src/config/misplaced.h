// Where a key belongs that stands in the wrong place.
#pragma once

#include <string>
#include <string_view>

namespace sluice::config {

// The maps of the file that have such a key, in words, as seen from the map at `path`: "batch",
// "the target or health"; empty: none has. NAME stands for what the user calls it.
std::string places_of_key(std::string_view key, std::string_view path);

}  // namespace sluice::config
