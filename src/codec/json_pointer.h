// Reads single values out of an API's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::codec {

// The integer at an RFC 6901 pointer; nullopt where the text is not JSON, nothing stands there,
// or it is no integer. Off the hot path: once per answer.
std::optional<std::int64_t> integer_at(std::string_view json, const std::string& pointer);

}  // namespace sluice::codec
