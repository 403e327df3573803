// JSON as a tree, for what looks into a value. Off the hot path unless a pipeline has a schema.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "codec/rapidjson.h"

namespace sluice::codec {

struct DomShape {
  std::size_t values = 0;
  std::size_t longest_key = 0;
};

inline constexpr std::size_t kAnyDepth = std::numeric_limits<std::size_t>::max();

// Reads `json`, known to be one JSON value, into `out`; nullopt where it is nested deeper than
// `max_depth`. Numbers: what is a whole number within 64 bits becomes an integer however it is
// written (5, 5.0, 5e0); others become the nearest double, and beyond the range of doubles the
// largest one.
std::optional<DomShape> parse_dom(std::string_view json, std::size_t max_depth,
                                  rapidjson::Document& out);

// The same JSON value, with each number that RapidJSON takes for too big written as the largest
// that it takes. `json` is known to be one JSON value.
std::string with_representable_numbers(std::string_view json);

}  // namespace sluice::codec
