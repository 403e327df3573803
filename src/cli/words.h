// Words that an option may be given, as its help and completions show them.
#pragma once

#include <string>
#include <string_view>

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

}  // namespace sluice::cli
