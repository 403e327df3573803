// Which letters a command is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "replay/letter.h"

namespace sluice::replay {

// Statuses [first, last]; both 0: letters that were never answered.
struct StatusSpan {
  int first = 0;
  int last = 0;
};
// "400", "4xx", "400-499" or "none".
Result<StatusSpan> parse_status(std::string_view text);

// A point in time (RFC 3339), or how long before `now` it was ("2h").
Result<WallTime> parse_when(std::string_view text, WallTime now);

// A letter fits where each part that is not empty has something that fits it.
struct Filter {
  std::vector<std::string> pipelines{};
  std::vector<std::string> reasons{};
  std::vector<StatusSpan> statuses{};
  std::vector<std::string> ids{};
  std::optional<Place> at{};
  std::optional<WallTime> since{};            // of failed_at
  std::optional<WallTime> until{};            // not itself
  std::optional<std::int64_t> from_offset{};  // of the letter, in each partition
  std::optional<std::int64_t> to_offset{};    // itself too

  bool fits(const Letter& letter) const;
};

}  // namespace sluice::replay
