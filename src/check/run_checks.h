// Everything `sluice check` does after lint().
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// Blocks, for some seconds where brokers or targets do not answer. `offline`: without any of them.
void run_checks(const config::Config& config, bool offline, const Clock& clock, Report& report);

// Of the longest subject that run_checks() reports.
std::size_t subject_width(const config::Config& config);

}  // namespace sluice::check
