// The HTTP APIs: what can be known of them here, and what only they can tell.
#pragma once

#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// From this machine alone: credentials, TLS files.
void check_credentials(const config::Config& config, const Clock& clock, Report& report);

// Asks for a token where credentials are tokens, connects to each target, and asks for its health
// path where it has one. Blocks at most for auth.timeout and twice the connect_timeout of each.
void check_targets(const config::Config& config, const Clock& clock, Report& report);

}  // namespace sluice::check
