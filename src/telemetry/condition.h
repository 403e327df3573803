// Why something stands still: what /status, the log and `sluice status` say of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::telemetry {

struct Condition {
  StallReason reason = StallReason::flowing;
  std::string detail = {};                // the cause in plain words; empty when flowing
  WallTime since = {};                    // of this reason
  std::string next = {};                  // what happens next, without the time
  std::optional<WallTime> next_at = {};   // nullopt: not a matter of time
  std::vector<std::string> release = {};  // commands that would release it, best first
};

}  // namespace sluice::telemetry
