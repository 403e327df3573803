// Private to this folder.
#pragma once

#include "base/clock.h"
#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// Whether the target speaks HTTP/2 where http_version says that it is not to be asked first.
void check_http_2(const config::Target& target, const Clock& clock, Report& report);

// Asks for the target's health path, with its credentials where that proves them, and compares the
// clocks. Blocks at most for connect_timeout.
void check_health(const config::Target& target, const Clock& clock, Report& report);
// The same with the credentials of each tenant; each for so long.
void check_health_of_tenants(const config::Target& target, const Clock& clock, Report& report);

}  // namespace sluice::check
