// Words that an option may be given, as its help and completions show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::cli {

// "a|b|c"
template <class Range, class Name>
std::string one_of(const Range& values, Name name) {
  std::string out;
  for (const auto& value : values) {
    if (!out.empty()) out += '|';
    out += std::string_view(name(value));
  }
  return out;
}

// What to do about a word that is none of these: "did you mean a?", or "there are a, b and c"
// where none is near.
std::string nearest_or_all(std::string_view word, const std::vector<std::string_view>& all);

}  // namespace sluice::cli
