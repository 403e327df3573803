#include "check/token_check.h"

#include <string>
#include <utility>

#include "base/random.h"
#include "check/words.h"
#include "credentials/bearer.h"
#include "credentials/token_source.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

std::string summary_of(const credentials::TokenStanding& standing) {
  const std::string summary = "the token server gives a token";
  if (!standing.expires_at) return summary + ", and does not say for how long";
  const auto life =
      std::chrono::round<std::chrono::seconds>(*standing.expires_at - standing.fetched_at);
  return summary + ", good for " + config::format_duration(life);
}

}  // namespace

bool check_token(config::Target& target, const Clock& clock, Report& report) {
  const config::OAuth2Auth* const auth = credentials::oauth2_in(target.auth);
  if (auth == nullptr) return true;
  const std::string key = key_of("targets", target.name, "auth");
  // Of which nothing but the names of assertions is made, so that no two are the same.
  SeededRandom random(static_cast<std::uint64_t>(clock.wall_now().time_since_epoch().count()));
  const auto source =
      credentials::TokenSource::create(*auth, pipeline::client_options_of(target), clock, random);
  if (!source) {
    if (source.error().cause.find(" is in use") == std::string::npos) {
      report.fail(key, source.error());
    } else {
      report.warn(key, "no token was asked for: " + auth->store + " is in use",
                  "look into the /status of the process that uses it");
    }
    return false;
  }
  (*source)->tend();
  const credentials::TokenStanding standing = (*source)->standing();
  if (standing.error) report.fail(key, *standing.error);
  if (standing.token.empty()) return false;
  if (!standing.error) report.ok(key, summary_of(standing));
  target.auth = credentials::with_token(std::move(target.auth), standing.token);
  return true;
}

}  // namespace sluice::check
