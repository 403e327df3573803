#include "check/health_check.h"

#include <memory>
#include <utility>

#include "auth/signer.h"
#include "check/health_request.h"
#include "check/words.h"
#include "deliver/clock_difference.h"
#include "http/client.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

bool is_success(const http::Answer& answer) { return answer.status >= 200 && answer.status <= 299; }

// `credentials`: the key that it was asked with.
std::string remedy_for(const config::Target& target, const std::string& credentials, int status) {
  const std::string health = key_of("targets", target.name, "health");
  if ((status == 401 || status == 403) && target.health->authenticated) {
    return "the API refuses the credentials: correct " + credentials + " and what it refers to";
  }
  if (status == 401 || status == 403) {
    return "the path wants credentials: add authenticated: true to " + health +
           ", or name another path";
  }
  if (status == 404 || status == 405 || status == 410) {
    return "correct " + health + ".path, or " + key_of("targets", target.name, "base_url");
  }
  if (status >= 300 && status < 400) {
    return "redirects are not followed: correct " + health + ".path to where it leads";
  }
  if (status >= 500 || status == 429) return "try again, or ask those who run the API";
  return "correct " + health + ".path";
}

void check_clock(const config::Target& target, const http::Answer& answer, WallTime now,
                 Report& report) {
  const auto difference = deliver::clock_difference(answer, now);
  if (!difference) return;
  report.warn(key_of("targets", target.name, "health"), *difference,
              "set the wrong one: signatures that carry a time are refused when it is off");
}

}  // namespace

// Without asking first there is no other way to find out than to do it.
void check_http_2(const config::Target& target, const Clock& clock, Report& report) {
  if (target.http_version != config::HttpVersion::v2) return;
  const std::string key = key_of("targets", target.name, "http_version");
  http::ClientOptions options = pipeline::client_options_of(target);
  options.timeout = options.connect_timeout;
  const auto answer = ask(options, {"GET", target.base_url + "/", {}, {}}, clock);
  if (answer) {
    report.ok(key, "answers in HTTP/2");
  } else {
    report.fail(key, {"does not answer in HTTP/2: " + answer.error().detail, "remove " + key});
  }
}

void check_health(const config::Target& target, const Clock& clock, Report& report) {
  const std::string key = key_of("targets", target.name, "health");
  std::unique_ptr<auth::Signer> signer;
  if (target.health->authenticated) {
    auto made = auth::make_signer(target.auth);
    if (!made) return;  // which check_credentials() reports
    signer = std::move(*made);
  }
  const std::string what = "GET " + target.health->path;
  const auto answer = ask_health(target, signer.get(), clock);
  if (!answer) {
    report.fail(key, {what + ": " + answer.error().detail, "try again, or correct " + key});
    return;
  }
  const std::string status = what + " answers " + std::to_string(answer->status);
  if (!is_success(*answer)) {
    report.fail(
        key, {status, remedy_for(target, key_of("targets", target.name, "auth"), answer->status)});
  } else if (!target.health->authenticated) {
    report.ok(key, status);
  } else if (const auto without = ask_health(target, nullptr, clock);
             without && is_success(*without)) {
    report.warn(key, status + ", but so it does without credentials: it proves none",
                "name a path that asks for them, or remove authenticated");
  } else {
    report.ok(key, status + ", so the credentials are good");
  }
  check_clock(target, *answer, clock.wall_now(), report);
}

void check_health_of_tenants(const config::Target& target, const Clock& clock, Report& report) {
  const std::string what = "GET " + target.health->path;
  const std::string health = key_of("targets", target.name, "health");
  bool good = true;
  for (const auto& [name, tenant] : target.tenants->of) {
    const auto signer = auth::make_signer(tenant.auth);
    if (!signer) return;  // which check_credentials() reports
    const auto answer = ask_health(target, signer->get(), clock);
    if (!answer) {
      report.fail(health, {what + ": " + answer.error().detail, "try again, or correct " + health});
      return;
    }
    if (is_success(*answer)) continue;
    good = false;
    const std::string key = key_of("targets", target.name, "tenants.of." + name);
    report.fail(key, {what + " answers " + std::to_string(answer->status),
                      remedy_for(target, key, answer->status)});
  }
  if (!good) return;
  const std::string each = what + " takes " + counted(target.tenants->of.size(), "tenant");
  const auto without = ask_health(target, nullptr, clock);
  if (without && is_success(*without)) {
    report.warn(health, each + ", but also who has no credentials: it proves none",
                "name a path that asks for them, or remove authenticated");
  } else {
    report.ok(health, each + ", so their credentials are good");
  }
}

}  // namespace sluice::check
