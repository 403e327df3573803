// Whether the brokers let another configuration in, before what runs stops for it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"

namespace sluice::service {

// Connects and logs in as `kafka` says, by a client of its own that is gone again afterwards. The
// error is the line that `sluice check` says. Blocks: mostly for less than a second; where no
// broker answers 5 s, at most about 12 s.
Result<void> try_kafka_login(const config::Config& config, const Clock& clock);

}  // namespace sluice::service
