// Where an operator sends a partition, and what that costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "kafka/offset_lookup.h"
#include "pipeline/action.h"

namespace sluice::pipeline {

// Where the partition stood; what is not known is left out.
struct FormerPlace {
  std::optional<std::int64_t> committed;  // or, where nothing was, the first that was read
  std::optional<std::int64_t> next;       // to read
};

struct Resume {
  std::int64_t offset = 0;
  std::string text;  // one line: from where to where, what is skipped and what is read again
};

// An error where the log does not reach there: what was asked for would be out of range at once, or
// jump over records that nobody wrote yet.
Result<Resume> plan_resume(const Action& action, const FormerPlace& before,
                           const kafka::LogBounds& log);

}  // namespace sluice::pipeline
