// What the commands print for programs: one JSON document, or one a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/catalog.h"
#include "replay/listing.h"
#include "replay/replayer.h"
#include "replay/whole_letter.h"

namespace sluice::replay {

// {"topics", "total", "groups", "uncertain", "looping", "foreign"}
std::string list_document(const Listing& listing);

// {"letters": [{"at", "state", "envelope", "key", "value", "headers"}]}; bytes are {"bytes",
// "xxh3"} and, with `payload`, "text", or "base64" where they are no UTF-8.
std::string show_document(const std::vector<WholeLetter>& letters, bool payload);

// {"id", "at", "result", "detail"}
std::string replay_line(const Letter& letter, std::string_view result, std::string_view detail);
// {"summary": {...}}
std::string summary_line(const Plan& plan, const Tally& tally);

}  // namespace sluice::replay
