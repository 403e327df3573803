// Offsets that belong together.
#pragma once

#include <cstdint>

namespace sluice::commit {

// Half-open: `last` is the first offset behind it.
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t last = 0;

  bool operator==(const OffsetRange&) const = default;
};

}  // namespace sluice::commit
