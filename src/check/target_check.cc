#include "check/target_check.h"

#include <optional>

#include "auth/signer.h"
#include "auth/token_request.h"
#include "check/certificate_check.h"
#include "check/health_check.h"
#include "check/token_check.h"
#include "check/words.h"
#include "credentials/bearer.h"
#include "http/probe.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

std::string scheme_of(const config::Auth& auth) {
  struct Names {
    std::string operator()(const config::BearerAuth&) const { return "bearer token"; }
    std::string operator()(const config::BasicAuth&) const { return "user and password"; }
    std::string operator()(const config::ApiKeyAuth&) const { return "API key"; }
    std::string operator()(const config::HkdfHmacAuth&) const { return "token and signature"; }
    std::string operator()(const config::HmacAuth&) const { return "signature"; }
    std::string operator()(const config::OAuth2Auth&) const { return "token of a token server"; }
  };
  return std::visit(Names{}, auth);
}

std::string schemes_of(const config::Auths& auths) {
  std::string all;
  for (const config::Auth& auth : auths) all += (all.empty() ? "" : ", ") + scheme_of(auth);
  return all.empty() ? "no credentials are sent" : all;
}

// What keeps the credentials from being put into a request.
std::optional<Error> fault_of(const config::Auths& auths) {
  if (const auto* const oauth2 = credentials::oauth2_in(auths)) {
    if (const auto made = auth::TokenRequests::make(*oauth2); !made) return made.error();
  }
  const auto signer = auth::make_signer(credentials::with_token(auths, config::Secret("any")));
  return signer ? std::nullopt : std::optional(signer.error());
}

Error explain(const config::Target& target, const http::TransportError& error) {
  const std::string base_url = key_of("targets", target.name, "base_url");
  const std::string or_proxy =
      target.proxy ? " or " + key_of("targets", target.name, "proxy") : std::string();
  switch (error.kind) {
    case http::TransportErrorKind::resolve:
      return {error.detail, "correct the host of " + base_url + or_proxy};
    case http::TransportErrorKind::connect:
      return {error.detail, "start the API, or correct host and port of " + base_url + or_proxy};
    case http::TransportErrorKind::tls:
      if (error.detail.find("expired") != std::string::npos) {
        return {error.detail, "let the certificate be renewed by those who run the API"};
      }
      return {error.detail, "correct " + key_of("targets", target.name, "tls") + " or " + base_url};
    case http::TransportErrorKind::timeout:
      return {error.detail,
              "see to the network, or raise " + key_of("targets", target.name, "connect_timeout")};
    default:
      return {error.detail, "see whether " + base_url + or_proxy + " names the API"};
  }
}

std::string summary_of(const config::Target& target, const http::ProbeResult& result,
                       WallTime now) {
  std::string summary = result.address + (target.proxy ? " (the proxy)" : "") + " answers";
  if (!result.tls) return summary + ", without TLS";
  summary += " with TLS";
  if (result.certificate_expires) {
    summary +=
        ", certificate good for " + counted(days_until(*result.certificate_expires, now), "day");
  }
  return summary;
}

// False where nothing more can be asked.
bool check_connection(const config::Target& target, const Clock& clock, Report& report) {
  const std::string key = key_of("targets", target.name);
  const auto result = http::probe(target.base_url, pipeline::client_options_of(target), clock);
  if (!result) {
    report.fail(key, explain(target, result.error()));
    return false;
  }
  const WallTime now = clock.wall_now();
  const std::string summary = summary_of(target, *result, now);
  if (result->certificate_expires && expires_soon(*result->certificate_expires, now)) {
    report.warn(key, summary + " only (" + result->certificate_subject + ")",
                "let it be renewed: without it nothing is delivered");
  } else {
    report.ok(key, summary);
  }
  return true;
}

void check_auth(const config::Target& target, Report& report) {
  if (const auto fault = fault_of(target.auth)) {
    report.fail(key_of("targets", target.name, "auth"), *fault);
  } else if (!target.tenants) {
    report.ok(key_of("targets", target.name, "auth"), schemes_of(target.auth));
  }
  if (!target.tenants) return;
  bool fine = true;
  for (const auto& [name, tenant] : target.tenants->of) {
    const auto fault = fault_of(tenant.auth);
    if (!fault) continue;
    fine = false;
    report.fail(key_of("targets", target.name, "tenants.of." + name), *fault);
  }
  if (fine) {
    report.ok(key_of("targets", target.name, "tenants"),
              counted(target.tenants->of.size(), "tenant") + " with credentials of their own");
  }
}

}  // namespace

void check_credentials(const config::Config& config, const Clock& clock, Report& report) {
  for (const auto& [name, target] : config.targets) {
    check_auth(target, report);
    const auto client = http::Client::create(pipeline::client_options_of(target), clock);
    if (!client) {
      report.fail(key_of("targets", name, "tls"), client.error());
    } else if (target.tls.cert) {
      check_own_certificate(key_of("targets", name, "tls") + ".cert", *target.tls.cert,
                            "the new one is taken without a restart", clock.wall_now(), report);
    }
  }
}

void check_targets(const config::Config& config, const Clock& clock, Report& report) {
  for (const auto& [name, target] : config.targets) {
    config::Target asked = target;
    // A fault was reported with the credentials.
    const bool can_ask = !fault_of(target.auth) && check_token(asked, clock, report);
    if (!check_connection(target, clock, report)) continue;
    check_http_2(target, clock, report);
    if (target.tenants && target.health && target.health->authenticated) {
      check_health_of_tenants(target, clock, report);
    } else if (target.health && (can_ask || !target.health->authenticated)) {
      check_health(asked, clock, report);
    }
  }
}

}  // namespace sluice::check
