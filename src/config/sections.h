// One reader for each section of the file, and the checks across them.
#pragma once

#include "config/config.h"
#include "config/reader.h"

namespace sluice::config {

void read_kafka(Reader& reader, const Value& value, Config& out);
// Of kafka.
void read_kafka_tls(Reader& reader, const Value& value, Kafka& out);
void read_kafka_sasl(Reader& reader, const Value& value, Kafka& out);
// Those two against the properties beside them. `value`: kafka as a whole.
void check_kafka_credentials(Reader& reader, const Value& value, const Kafka& kafka);

void read_targets(Reader& reader, const Value& value, Config& out);

// Of a target.
void read_auth(Reader& reader, const Value& value, Target& out);
// One or a list, as `auth` may be. `overlap`: becomes the longest of theirs.
void read_auths(Reader& reader, const Value& value, Auths& out, Duration& overlap);
void read_tls(Reader& reader, const Value& value, Target& out);
void read_proxy(Reader& reader, const Value& value, Target& out);
void read_compression(Reader& reader, const Value& value, Target& out);
void read_headers(Reader& reader, const Value& value, Target& out);
void read_health(Reader& reader, const Value& value, Target& out);
void read_breaker(Reader& reader, const Value& value, Target& out);
void read_rate_limits(Reader& reader, const Value& value, Target& out);
void read_rate_limit_headers(Reader& reader, const Value& value, Target& out);
void read_concurrency(Reader& reader, const Value& value, Target& out);

void read_pipelines(Reader& reader, const Value& value, Config& out);

// Of a pipeline.
inline constexpr std::size_t kMostBytes = 128 * kMiB;
void read_batch(Reader& reader, const Value& value, Pipeline& out);
void read_retry(Reader& reader, const Value& value, Pipeline& out);
void read_success(Reader& reader, const Value& value, Pipeline& out);
void read_results(Reader& reader, const Value& value, Pipeline& out);
void read_verdicts(Reader& reader, const Value& value, Pipeline& out);
void read_refusal_guard(Reader& reader, const Value& value, Pipeline& out);
void read_dead_letter(Reader& reader, const Value& value, Pipeline& out);

// What no section can see alone: pipelines against targets and against one another.
void check_across(Reader& reader, const Value& file);
// Rate limits against the pipelines that they limit. `config` is what was read of `file`.
void check_rate_limits(Reader& reader, const Value& file, const Config& config);

}  // namespace sluice::config
