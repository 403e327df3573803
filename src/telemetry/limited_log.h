// A log in front of another one that holds back what comes again and again.
#pragma once

#include <memory>

#include "base/clock.h"
#include "telemetry/log.h"

namespace sluice::telemetry {

// As repeat_limit.h says; flush() writes what is due. Where the level is debug, and once finish()
// was called, every line is written. `clock` outlives it.
std::unique_ptr<Log> limit_repeats(std::unique_ptr<Log> log, const Clock& clock);

}  // namespace sluice::telemetry
