#include <strings.h>

#include <utility>

#include "config/address.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr Choice<TlsVersion> kTlsVersions[] = {{"1.2", TlsVersion::v1_2},
                                               {"1.3", TlsVersion::v1_3}};

constexpr std::string_view kTlsMeanwhile = "add the CA to those of the system";
constexpr std::string_view kMutualTlsMeanwhile = "let a local proxy hold the client certificate";

constexpr Key<TargetTls> kTlsKeys[] = {
    {"min_version", choice<&TargetTls::min_version, kTlsVersions>},
    {"off", boolean<&TargetTls::off>},
    {"ca", nullptr, Need::not_yet, kTlsMeanwhile},
    {"cert", nullptr, Need::not_yet, kMutualTlsMeanwhile},
    {"key", nullptr, Need::not_yet, kMutualTlsMeanwhile},
};

void read_tls(Reader& reader, const Value& value, Target& out) {
  // Tools that pass YAML through JSON turn the word off into false.
  if (value.is_scalar() && (value.node->text == "off" || value.node->text == "false")) {
    out.tls.off = true;
  } else if (value.is_scalar()) {
    reader.problem(value, "is neither off nor a map", "write off or {min_version: 1.3}");
  } else {
    read_keys(reader, value, kTlsKeys, out.tls);
  }
}

template <auto kMember>
void percent(Reader& reader, const Value& value, OwnerOf<kMember>& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  const auto share = reader.take(value, parse_percent(*raw));
  if (!share) return;
  if (*share < 0.01 || *share > 1) {
    reader.problem(value, in_quotes(*raw) + " is out of bounds", "use 1% to 100%");
    return;
  }
  out.*kMember = *share;
}

constexpr Key<CircuitBreaker> kBreakerKeys[] = {
    {"failures", whole<&CircuitBreaker::failures, 1, 10'000>},
    {"failure_rate", percent<&CircuitBreaker::failure_rate>},
    {"window", duration<&CircuitBreaker::window, 100, kHour>},
    {"minimum", whole<&CircuitBreaker::minimum, 1, 100'000>},
    {"open_for", duration<&CircuitBreaker::open_for, 1, kHour>},
    {"max_open_for", duration<&CircuitBreaker::max_open_for, 1, 24 * kHour>},
    {"probes", whole<&CircuitBreaker::probes, 1, 100>},
};

void read_breaker(Reader& reader, const Value& value, Target& out) {
  CircuitBreaker& breaker = out.circuit_breaker;
  read_keys(reader, value, kBreakerKeys, breaker);
  if (breaker.open_for > breaker.max_open_for) {
    reader.problem_of_key(value,
                          "open_for " + format_duration(breaker.open_for) +
                              " is longer than max_open_for " +
                              format_duration(breaker.max_open_for),
                          "raise max_open_for or lower open_for");
  }
}

constexpr Key<RateLimit> kRateKeys[] = {
    {"requests", whole<&RateLimit::requests, 1, 1'000'000>, Need::required, "requests: 1000"},
    {"per", duration<&RateLimit::per, kSecond, 24 * kHour>, Need::required, "per: 1s"},
    {"safety", percent<&RateLimit::safety>},
    {"capacity", percent<&RateLimit::capacity>},
    {"records", nullptr, Need::not_yet, "limit requests, each of at most batch.max_records"},
    {"bytes", nullptr, Need::not_yet, "limit requests, each of at most batch.max_bytes"},
    {"share", nullptr, Need::not_yet, "divide the limit by the number of replicas"},
    {"path", nullptr, Need::not_yet, "give the path a target of its own"},
};

void read_rate_limits(Reader& reader, const Value& value, Target& out) {
  for (const Value& item : reader.list(value, "[{requests: 1000, per: 1s}]")) {
    RateLimit limit;
    read_keys(reader, item, kRateKeys, limit);
    out.rate_limit.push_back(limit);
  }
}

Result<std::string> parse_target_url(std::string_view text) {
  return parse_base_url(text).map([](const BaseUrl& url) { return url.url; });
}

constexpr Key<Target> kKeys[] = {
    {"base_url", text<&Target::base_url, parse_target_url>, Need::required,
     "base_url: https://api.example.com"},
    {"auth", read_auth},
    {"tls", read_tls},
    {"connections", whole<&Target::connections, 1, 256>},
    {"connect_timeout", duration<&Target::connect_timeout, 1, 10 * kMinute>},
    {"timeout", duration<&Target::timeout, 1, kHour>},
    {"max_response", size<&Target::max_response, 1, 64 * kMiB>},
    {"batch_id_header", text<&Target::batch_id_header, parse_header_name>},
    {"rate_limit", read_rate_limits},
    {"circuit_breaker", read_breaker},
    {"tenants", nullptr, Need::not_yet, "give each tenant a target and a pipeline of its own"},
    {"proxy", nullptr, Need::not_yet, "remove it; requests go straight to base_url"},
    {"http_version", nullptr, Need::not_yet, "remove it; the connection agrees on a version"},
    {"compression", nullptr, Need::not_yet, "remove it; bodies are sent as they are"},
    {"headers", nullptr, Need::not_yet,
     "remove it; one fixed header can be sent with auth: {type: api_key, name: ..., value: ...}"},
    {"health", nullptr, Need::not_yet, "remove it; real batches probe the target"},
    {"rate_limit_headers", nullptr, Need::not_yet, "remove it; Retry-After is obeyed"},
    {"concurrency", nullptr, Need::not_yet, "use connections"},
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

// The header that carries the credentials; "" where none does.
std::string_view auth_header(const Auth& auth) {
  if (std::holds_alternative<BearerAuth>(auth) || std::holds_alternative<BasicAuth>(auth)) {
    return "Authorization";
  }
  const auto* const key = std::get_if<ApiKeyAuth>(&auth);
  return key != nullptr && key->in == ApiKeyPlace::header ? key->name : std::string_view();
}

void check_header_names(Reader& reader, const Value& value, const Target& target) {
  const std::string_view used = auth_header(target.auth);
  if (used.size() != target.batch_id_header.size() ||
      strncasecmp(used.data(), target.batch_id_header.data(), used.size()) != 0) {
    return;
  }
  reader.problem_of_key(value, "auth and batch_id_header use the same header, " + in_quotes(used),
                        "choose another batch_id_header");
}

void read_target(Reader& reader, const Value& value, Config& out) {
  Target target;
  if (auto name = reader.take_key(value, parse_name(value.key))) target.name = std::move(*name);
  read_keys(reader, value, kKeys, target);
  check_plain_http(reader, value, target);
  check_header_names(reader, value, target);
  out.targets.emplace(target.name, std::move(target));
}

}  // namespace

void read_targets(Reader& reader, const Value& value, Config& out) {
  const auto targets = reader.map(value);
  if (value.is_map() && value.node->entries.empty()) {
    reader.problem(value, "has no target", "add one with its base_url");
  }
  for (const Value& target : targets) read_target(reader, target, out);
}

}  // namespace sluice::config
