// What is wrong with a configuration beyond its file.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"

namespace sluice::check {

// Schemas that cannot be read, properties that librdkafka does not take, TLS files
// that cannot be used, start times to come. All
// of it at once, from this machine alone; empty when the configuration can be run.
std::vector<Error> lint(const config::Config& config, const Clock& clock);

}  // namespace sluice::check
