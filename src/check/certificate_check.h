// Certificates that expire. Private to this folder.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "check/report.h"

namespace sluice::check {

// Less than 14 days from now, or past.
bool expires_soon(WallTime when, WallTime now);
// Whole ones; 0 of a moment that is past.
std::uint64_t days_until(WallTime when, WallTime now);

// The one in the PEM file `path`, which we show to others; `key` names it in the configuration,
// `renewal` says how another one is taken into use. Says nothing of one that is good for longer, or
// that cannot be read.
void check_own_certificate(const std::string& key, const std::string& path,
                           const std::string& renewal, WallTime now, Report& report);

}  // namespace sluice::check
