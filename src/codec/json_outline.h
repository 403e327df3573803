// Tells from its outline whether a text is JSON, without looking into most of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::codec {

// True: `text` is exactly one JSON object or array (RFC 8259). False: it is none, or a lone scalar,
// or nested deeper than 64; somebody slower has to say.
//
// `starts` is what the first stage of simdjson found, in ascending order: where each of {}[]:,
// stands outside strings, where each string begins, and where each run of other bytes begins that
// are no white space. That stage has proved that the text is UTF-8, that every string ends and that
// none has a raw control character. The rest of the grammar is proved here. Pure.
bool outline_is_json(std::string_view text, std::span<const std::uint32_t> starts);

}  // namespace sluice::codec
