// The slow and complete proof that bytes are JSON, for what simdjson gives up on.
#pragma once

#include <optional>
#include <string_view>

#include "codec/rejection.h"

namespace sluice::codec {

// nullopt: `json` is exactly one JSON value, whatever the size of its numbers and its depth.
// Otherwise reason not_json, with the first wrong byte's position. Uses the heap, not the stack,
// for depth.
std::optional<Rejection> check_grammar(std::string_view json);

}  // namespace sluice::codec
