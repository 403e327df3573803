// What a Sluice process wrote, held to the one list of events.
#pragma once

#include <string>

namespace sluice::test {

// The first line of JSON that does not obey it, and why; empty where all do. Lines that are not
// JSON (a log in text, a sanitizer's report, what a kill cut off) are passed over.
std::string first_wrong_line(const std::string& log);

}  // namespace sluice::test
