#include <algorithm>
#include <utility>

#include "config/address.h"
#include "config/auth_headers.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/oauth2_section.h"
#include "config/sections.h"
#include "config/tenants_section.h"

namespace sluice::config {
namespace {

Result<std::string> parse_target_url(std::string_view text) {
  return parse_base_url(text).map([](const BaseUrl& url) { return url.url; });
}

constexpr Choice<HttpVersion> kHttpVersions[] = {
    {"auto", HttpVersion::automatic}, {"1.1", HttpVersion::v1_1}, {"2", HttpVersion::v2}};

constexpr Key<Target> kTargetKeys[] = {
    {"base_url", text<&Target::base_url, parse_target_url, base_url_text>, Need::required,
     "base_url: https://api.example.com"},
    {"auth", {read_auth, auths_form}},
    {"tls", {read_tls, tls_form}},
    {"connections", whole<&Target::connections, 1, 256>},
    {"connect_timeout", duration<&Target::connect_timeout, 1, 10 * kMinute>},
    {"timeout", duration<&Target::timeout, 1, kHour>},
    {"max_response", size<&Target::max_response, 1, 64 * kMiB>},
    {"batch_id_header", text<&Target::batch_id_header, parse_header_name, header_text>},
    {"proxy", {read_proxy, proxy_form}},
    {"http_version", choice<&Target::http_version, kHttpVersions>},
    {"compression", {read_compression, compression_form}},
    {"headers", {read_headers, headers_form}},
    {"health", {read_health, health_form}},
    {"rate_limit", {read_rate_limits, rate_limits_form}},
    {"rate_limit_headers", {read_rate_limit_headers, rate_limit_headers_form}},
    {"concurrency", {read_concurrency, concurrency_form}},
    {"circuit_breaker", {read_breaker, breaker_form}},
    {"tenants", {read_tenants, tenants_form}},
};

// Only a URL that was read is judged: `base_url` is empty where it was wrong.
void check_plain_http(Reader& reader, const Value& value, const Target& target) {
  const auto url = parse_base_url(target.base_url);
  if (!url) return;
  const auto place = value.child("base_url");
  if (!url->secure && !url->loopback && !target.tls.off) {
    reader.problem(*place, "is http, so credentials and records would cross the network in clear",
                   "use https, or add tls: off to the target to allow it");
  }
  if (url->secure && target.tls.off) {
    reader.problem(*value.child("tls"), "is off, but base_url is https and is always verified",
                   "remove it, or write base_url with http");
  }
}

// Whoever writes the same header twice leaves it to the server which one counts.
void check_header_names(Reader& reader, const Value& value, const Target& target) {
  Auths auths = target.auth;
  if (target.tenants) {
    for (const auto& [name, tenant] : target.tenants->of) {
      auths.insert(auths.end(), tenant.auth.begin(), tenant.auth.end());
    }
  }
  const auto in_auth = [&](std::string_view header) {
    return std::any_of(auths.begin(), auths.end(), [&](const Auth& auth) {
      const auto names = auth_headers(auth);
      return std::any_of(names.begin(), names.end(),
                         [&](std::string_view name) { return same_header(name, header); });
    });
  };
  if (in_auth(target.batch_id_header)) {
    reader.problem_of_key(
        value, "auth and batch_id_header use the same header, " + in_quotes(target.batch_id_header),
        "choose another batch_id_header");
  }
  for (const TargetHeader& header : target.headers) {
    const bool batch_id = same_header(header.name, target.batch_id_header);
    if (!batch_id && !in_auth(header.name)) continue;
    reader.problem_of_key(
        *value.child("headers")->child(header.name),
        std::string("is the header of ") + (batch_id ? "batch_id_header" : "auth"),
        "remove it here");
  }
}

void read_target(Reader& reader, const Value& value, Config& out) {
  Target target;
  if (auto name = reader.take_key(value, parse_name(value.key))) target.name = std::move(*name);
  read_keys(reader, value, kTargetKeys, target);
  check_plain_http(reader, value, target);
  if (const auto auth = value.child("auth")) check_token_urls(reader, *auth, target.tls.off);
  join_tenants(reader, value, target);
  check_header_names(reader, value, target);
  out.targets.emplace(target.name, std::move(target));
}

}  // namespace

Form targets_form() {
  // As check_plain_http() has it.
  constexpr std::string_view kOff =
      R"({"anyOf":[{"enum":["off",false]},{"type":"object","required":["off"],)"
      R"("properties":{"off":{"enum":[true]}}}]})";
  // Of one auth, or of a list of them: check_token_urls().
  const std::string not_clear = R"({"not":{"pattern":)" + json_quoted(kClearUrl) + "}}";
  const std::string token_url = R"("properties":{"token_url":)" + not_clear + "}";
  const std::string clear = R"({"if":{"not":{"properties":{"tls":)" + std::string(kOff) +
                            R"(},"required":["tls"]}},"then":{"properties":{"base_url":)" +
                            not_clear + R"(,"auth":{)" + token_url + R"(,"items":{)" + token_url +
                            "}}}}}";
  const std::string secure =
      R"({"if":{"properties":{"base_url":{"pattern":"^https://"}},"required":["base_url"]},)"
      R"("then":{"properties":{"tls":{"not":)" +
      std::string(kOff) + "}}}}";
  Form form = named_form(with_rules(map_form<kTargetKeys>(), clear + "," + secure), kNamePattern);
  form.needs_one = true;
  return form;
}

void read_targets(Reader& reader, const Value& value, Config& out) {
  const auto targets = reader.map(value);
  if (value.is_map() && value.node->entries.empty()) {
    reader.problem(value, "has no target", "add one with its base_url");
  }
  for (const Value& target : targets) read_target(reader, target, out);
}

}  // namespace sluice::config
