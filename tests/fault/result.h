// Results as JSON, for other programs, and as a table, for people.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fault/scenario.h"

namespace sluice::fault {

// One of them, and back. Throws std::runtime_error for what is not such a text.
std::string to_json(const Result& result);
Result from_json(const std::string& json);
// {"seed":...,"scenarios":[...]}
std::string to_json(const std::vector<Result>& results, std::uint64_t seed);

// Markdown. Under it, what is wrong of each that failed, and the notes.
std::string table_of(const std::vector<Result>& results);

}  // namespace sluice::fault
