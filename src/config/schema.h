// The configuration file as a JSON Schema, and its keys one by one: made from the loader's tables.
#pragma once

#include <string>
#include <vector>

namespace sluice::config {

// draft-07, indented, with a line break at the end. What no schema can say (two keys of which one
// must be above the other, names that refer to each other, files that must be there) it leaves to
// the loader: whatever it refuses the loader refuses, too, but for literal secrets that were
// allowed.
std::string json_schema();

struct KeyInSchema {
  // "targets.*.rate_limit[].per": * below names that the user gives, [] in a list, (hmac) below an
  // auth of that type.
  std::string path;
  bool required = false;
  bool map = false;      // of keys that follow
  std::string fallback;  // the default as it would be written; empty: none that can be
  std::string bounds;    // "1ms to 1h"; empty: none
  std::string words;     // "`a`, `b`": the words that it may be
};
// In the order of the tables; each once, though credentials may stand in more than one place.
std::vector<KeyInSchema> all_keys();

}  // namespace sluice::config
