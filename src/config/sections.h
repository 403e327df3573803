// One reader for each section of the file with the form of what it takes, and the checks across
// them.
#pragma once

#include "config/config.h"
#include "config/form.h"
#include "config/reader.h"

namespace sluice::config {

// The file as a whole.
Form form_of_file();

void read_kafka(Reader& reader, const Value& value, Config& out);
Form kafka_form();
// Of kafka.
void read_kafka_tls(Reader& reader, const Value& value, Kafka& out);
Form kafka_tls_form();
void read_kafka_sasl(Reader& reader, const Value& value, Kafka& out);
Form kafka_sasl_form();
// Those two against the properties beside them. `value`: kafka as a whole.
void check_kafka_credentials(Reader& reader, const Value& value, const Kafka& kafka);

void read_targets(Reader& reader, const Value& value, Config& out);
Form targets_form();

// Of a target.
void read_auth(Reader& reader, const Value& value, Target& out);
// One or a list, as `auth` may be. `overlap`: becomes the longest of theirs.
void read_auths(Reader& reader, const Value& value, Auths& out, Duration& overlap);
Form auths_form();
void read_tls(Reader& reader, const Value& value, Target& out);
Form tls_form();
void read_proxy(Reader& reader, const Value& value, Target& out);
Form proxy_form();
void read_compression(Reader& reader, const Value& value, Target& out);
Form compression_form();
void read_headers(Reader& reader, const Value& value, Target& out);
Form headers_form();
void read_health(Reader& reader, const Value& value, Target& out);
Form health_form();
void read_breaker(Reader& reader, const Value& value, Target& out);
Form breaker_form();
void read_rate_limits(Reader& reader, const Value& value, Target& out);
Form rate_limits_form();
void read_rate_limit_headers(Reader& reader, const Value& value, Target& out);
Form rate_limit_headers_form();
void read_concurrency(Reader& reader, const Value& value, Target& out);
Form concurrency_form();

void read_pipelines(Reader& reader, const Value& value, Config& out);
Form pipelines_form();

// Of a pipeline.
inline constexpr std::size_t kMostBytes = 128 * kMiB;
void read_batch(Reader& reader, const Value& value, Pipeline& out);
Form batch_form();
void read_retry(Reader& reader, const Value& value, Pipeline& out);
Form retry_form();
void read_success(Reader& reader, const Value& value, Pipeline& out);
Form success_form();
void read_results(Reader& reader, const Value& value, Pipeline& out);
Form results_form();
void read_verdicts(Reader& reader, const Value& value, Pipeline& out);
Form verdicts_form();
void read_refusal_guard(Reader& reader, const Value& value, Pipeline& out);
Form refusal_guard_form();
void read_dead_letter(Reader& reader, const Value& value, Pipeline& out);
Form dead_letter_form();

// What no section can see alone: pipelines against targets and against one another.
void check_across(Reader& reader, const Value& file);
// Rate limits against the pipelines that they limit. `config` is what was read of `file`.
void check_rate_limits(Reader& reader, const Value& file, const Config& config);

}  // namespace sluice::config
