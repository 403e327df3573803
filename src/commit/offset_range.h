// Offsets that belong together.
#pragma once

#include <cstdint>
#include <vector>

namespace sluice::commit {

// Half-open: `last` is the first offset behind it.
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t last = 0;

  bool operator==(const OffsetRange&) const = default;
};

// Whether a log that ends there can hold all of these, which are in ascending order. Where it
// cannot it was cut off or made anew since, and the same offsets are, or will be, other records:
// those in front of its end as well.
inline bool all_within(const std::vector<OffsetRange>& ranges, std::int64_t log_end) {
  return ranges.empty() || ranges.back().last <= log_end;
}

}  // namespace sluice::commit
