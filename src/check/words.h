// Small parts of sentences. Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/values.h"

namespace sluice::check {

// "1 partition", "3 partitions".
inline std::string counted(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// The first three, and "..." for the rest.
inline std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kShown ? out + ", ..." : out;
}

// In whole units, for people.
inline std::string rounded(std::size_t bytes) {
  const std::size_t unit = bytes >= config::kMiB ? config::kMiB : config::kKiB;
  return config::format_size(bytes < unit ? bytes : bytes / unit * unit);
}

inline std::string key_of(const std::string& section, const std::string& name,
                          const std::string& key = "") {
  return section + "." + name + (key.empty() ? "" : "." + key);
}

}  // namespace sluice::check
