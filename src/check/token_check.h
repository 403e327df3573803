// Private to this folder.
#pragma once

#include "base/clock.h"
#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// Where the target's tokens come from a token server, asks it for one and puts it into `target`, as
// it is then to be asked with. False where there is none. Blocks at most for auth.timeout. With a
// refresh_token this is its use, as by `sluice run`: what replaces it goes to the store.
bool check_token(config::Target& target, const Clock& clock, Report& report);

}  // namespace sluice::check
