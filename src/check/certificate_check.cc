#include "check/certificate_check.h"

#include <algorithm>
#include <chrono>

#include "auth/certificate.h"
#include "check/words.h"

namespace sluice::check {
namespace {

constexpr auto kSoon = std::chrono::days(14);

}  // namespace

bool expires_soon(WallTime when, WallTime now) { return when < now + kSoon; }

std::uint64_t days_until(WallTime when, WallTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(when - now);
  return static_cast<std::uint64_t>(std::max(days, std::chrono::days(0)).count());
}

void check_own_certificate(const std::string& key, const std::string& path,
                           const std::string& renewal, WallTime now, Report& report) {
  const auto expires = auth::certificate_expiry(path);
  if (!expires || !expires_soon(*expires, now)) return;
  if (*expires <= now) {
    report.fail(key, {path + " has expired", "have it renewed"});
    return;
  }
  report.warn(key, path + " is good for " + counted(days_until(*expires, now), "day") + " only",
              "have it renewed; " + renewal);
}

}  // namespace sluice::check
