#include "pipeline/options_of.h"

#include <algorithm>
#include <utility>

#include "auth/encoding.h"
#include "base/text_template.h"
#include "pipeline/token_fetch.h"

namespace sluice::pipeline {
namespace {

http::Version version_of(config::HttpVersion version) {
  switch (version) {
    case config::HttpVersion::automatic:
      return http::Version::automatic;
    case config::HttpVersion::v1_1:
      return http::Version::v1_1;
    case config::HttpVersion::v2:
      return http::Version::v2;
  }
  return http::Version::automatic;
}

std::optional<codec::Compression> compression_of(config::CompressionType type) {
  switch (type) {
    case config::CompressionType::none:
      return std::nullopt;
    case config::CompressionType::gzip:
      return codec::Compression::gzip;
    case config::CompressionType::zstd:
      return codec::Compression::zstd;
  }
  return std::nullopt;
}

// A proxy that answers itself may echo what it was told.
SecretTexts secrets_of(const std::optional<config::Proxy>& proxy) {
  SecretTexts secrets;
  if (!proxy || proxy->password.empty()) return secrets;
  const std::string_view password = proxy->password.reveal();
  secrets.add(std::string(password));
  secrets.add(auth::basic_credentials(proxy->user, password));
  return secrets;
}

void add_group_by(const std::vector<std::string>& parts, std::vector<TextTemplate>& out) {
  for (const std::string& by : parts) {
    out.push_back(TextTemplate::parse("{" + by + "}").value());
  }
}

std::string name_of(config::SaslMechanism mechanism) {
  switch (mechanism) {
    case config::SaslMechanism::plain:
      return "PLAIN";
    case config::SaslMechanism::scram_sha_256:
      return "SCRAM-SHA-256";
    case config::SaslMechanism::scram_sha_512:
      return "SCRAM-SHA-512";
    case config::SaslMechanism::oauthbearer:
      return "OAUTHBEARER";
  }
  return {};
}

kafka::Sasl sasl_of(const config::KafkaSasl& sasl, const Clock& clock) {
  kafka::Sasl made;
  made.mechanism = name_of(sasl.mechanism);
  made.user = sasl.user;
  made.password = sasl.password.reveal();
  if (sasl.mechanism != config::SaslMechanism::oauthbearer) return made;
  made.fetch_token = token_fetch(sasl, clock);
  made.principal = sasl.client_id;
  made.extensions = sasl.extensions;
  return made;
}

}  // namespace

kafka::ClientOptions kafka_options_of(const config::Config& config, const Clock& clock) {
  kafka::ClientOptions options;
  options.brokers = config.kafka.brokers;
  for (const auto& [name, value] : config.kafka.properties) {
    options.properties[name] = value.reveal();
  }
  const config::KafkaTls& tls = config.kafka.tls;
  if (tls.on) options.tls = kafka::TlsFiles{tls.ca, tls.cert, tls.key};
  if (config.kafka.sasl) options.sasl = sasl_of(*config.kafka.sasl, clock);
  return options;
}

codec::BodyFormat body_format_of(const config::Pipeline& pipeline) {
  switch (pipeline.body) {
    case config::BodyFormat::json_array:
      return codec::BodyFormat::json_array;
    case config::BodyFormat::ndjson:
      return codec::BodyFormat::ndjson;
    case config::BodyFormat::json:
      return codec::BodyFormat::json;
  }
  return codec::BodyFormat::json_array;
}

codec::NullPolicy null_policy_of(const config::Pipeline& pipeline) {
  switch (pipeline.null_values) {
    case config::NullValues::skip:
      return codec::NullPolicy::skip;
    case config::NullValues::dead_letter:
      return codec::NullPolicy::dead_letter;
    case config::NullValues::send_null:
      return codec::NullPolicy::send_null;
  }
  return codec::NullPolicy::dead_letter;
}

codec::Router router_of(const config::Pipeline& pipeline, const config::Target& target) {
  std::vector<TextTemplate> headers;
  for (const config::TargetHeader& header : target.headers) {
    headers.push_back(TextTemplate::parse(header.value).value());
  }
  std::vector<TextTemplate> group_by;
  add_group_by(pipeline.group_by, group_by);
  // Last, which is where codec::tenant_of() looks for them.
  if (target.tenants) add_group_by(target.tenants->by, group_by);
  return {TextTemplate::parse(pipeline.path).value(), std::move(headers), std::move(group_by)};
}

bool may_run_ahead(const config::Pipeline& pipeline, const config::Target& target) {
  return pipeline.order != config::Order::partition || !pipeline.group_by.empty() ||
         target.tenants.has_value() || !TextTemplate::parse(pipeline.path).value().fixed();
}

batch::Strands::Options strands_options_of(const config::Pipeline& pipeline,
                                           const config::Target& target) {
  batch::Strands::Options made;
  made.batch = {pipeline.batch.max_records, pipeline.batch.max_bytes, pipeline.batch.linger};
  made.ordered = pipeline.order != config::Order::none;
  if (!may_run_ahead(pipeline, target)) return made;
  // More at once than the target or the bound on repeats lets through would only be smaller ones.
  made.at_once = std::max(std::min(pipeline.max_unconfirmed_batches,
                                   std::min(target.concurrency.max, target.connections)),
                          1U);
  if (pipeline.order == config::Order::key) made.key_shards = made.at_once;
  return made;
}

deliver::VerdictRules verdict_rules_of(const config::Pipeline& pipeline) {
  return deliver::VerdictRules(
      {.success = pipeline.success,
       .expect = pipeline.expect,
       .templated_path = !TextTemplate::parse(pipeline.path).value().fixed(),
       .overrides = pipeline.verdicts,
       .results = pipeline.results});
}

http::ClientOptions client_options_of(const config::Target& target) {
  http::ClientOptions made;
  made.connections = target.connections;
  made.connect_timeout = target.connect_timeout;
  made.timeout = target.timeout;
  made.max_response = target.max_response;
  made.version = version_of(target.http_version);
  made.tls.only_1_3 = target.tls.min_version == config::TlsVersion::v1_3;
  made.tls.ca = target.tls.ca;
  made.tls.cert = target.tls.cert;
  made.tls.key = target.tls.key;
  if (target.proxy) {
    made.proxy = http::Proxy{target.proxy->url, target.proxy->user,
                             std::string(target.proxy->password.reveal())};
  }
  return made;
}

deliver::DelivererOptions deliverer_options_of(const WorkerOptions& options) {
  const config::Pipeline& pipeline = options.pipeline;
  const config::Target& target = options.target;
  deliver::DelivererOptions made;
  made.pipeline = pipeline.name;
  made.method = pipeline.method;
  made.base_url = target.base_url;
  made.route = router_of(pipeline, target).fixed_route();
  for (const config::TargetHeader& header : target.headers) {
    made.header_names.push_back(header.name);
  }
  made.content_type =
      pipeline.body == config::BodyFormat::ndjson ? "application/x-ndjson" : "application/json";
  made.batch_id_header = target.batch_id_header;
  const config::CircuitBreaker& breaker = target.circuit_breaker;
  made.waits.retry = {pipeline.retry.initial, pipeline.retry.max, pipeline.retry.multiplier};
  made.waits.parked = {breaker.open_for, breaker.max_open_for, 2};
  made.attempts = pipeline.retry.attempts;
  made.lonely = breaker.failures;
  made.on_exhausted = pipeline.on_exhausted;
  made.max_age = pipeline.max_age;
  made.on_expired = pipeline.on_expired;
  made.secrets = secrets_of(target.proxy);
  made.connections = target.connections;
  made.compression = compression_of(target.compression.type);
  made.compress_from = target.compression.min_size;
  made.response_excerpt = pipeline.dead_letter ? pipeline.dead_letter->response_excerpt : 0;
  return made;
}

}  // namespace sluice::pipeline
