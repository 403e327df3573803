// What the keys of the process and of Kafka mean, and the maps that others stand in.
#include "config/key_text_tables.h"

namespace sluice::config {
namespace {

constexpr KeyText kProcessTexts[] = {
    {"kafka.brokers", "", "list of `host:port`; IPv6 in brackets"},
    {"kafka.properties", "`{}`", "handed to librdkafka as they are, but for those below"},
    {"kafka.tls", "none: in clear",
     "how TLS is spoken: `on` with the system's CAs; a map of the [keys](#kafkas-credentials) "
     "`ca`, `cert`, `key`; `off`: in clear, where `PLAIN` and `OAUTHBEARER` show password or token "
     "to anybody on the way to brokers beyond this machine"},
    {"kafka.sasl", "none: no login",
     "as whom Sluice logs in: a map of [these keys](#kafkas-credentials)"},
    {"admin.listen", "",
     "metrics, health and status; port 0 takes a free one, `0.0.0.0` every interface"},
    {"admin.token", "",
     "secret of at least 16 bytes that [actions](actions.md) must show; without it there are none"},
    {"memory.budget", "",
     "prefetched records, batches and dead letters in flight, the process over"},
    {"log.level", "",
     "what is logged at least: {words}; at `debug` no line is [held back](logs.md)"},
    {"log.format", "`json`; `text` on a terminal", "how a line looks: {words}"},
    {"shutdown_timeout", "", "drain on SIGTERM, then leave; nothing is lost either way"},
    {"instance_id", "",
     "turns static membership on; must differ between replicas (a process whose id another one has "
     "taken stands still, says so, and tries again every 30 s); partitions that were added while a "
     "member was down are noticed within about 15 s of its start, or by another member within a "
     "minute and a half (`partitions_unowned` in the log), and read at the price of one rebalance; "
     "1 to 128 of letters, digits, `_`, `.`, `-`"},
    {"targets", "", "the APIs, by a name of yours: [keys](#targets-targetsname); at least one"},
    {"pipelines", "",
     "what goes where, by a name of yours: [keys](#pipelines-pipelinesname); at least one"},
};

constexpr KeyText kKafkaTexts[] = {
    {"kafka.tls.ca", "the system's CAs",
     "PEM file with the CAs that are trusted instead; the brokers' names are always checked"},
    {"kafka.tls.cert", "", "PEM file of a client certificate (mutual TLS); goes with `tls.key`"},
    {"kafka.tls.key", "", "PEM file of its key, not encrypted"},
    {"kafka.sasl.mechanism", "", "{words}"},
    {"kafka.sasl.user", "required, but for `OAUTHBEARER`", "user name"},
    {"kafka.sasl.password", "required, but for `OAUTHBEARER`", "secret"},
    {"kafka.sasl.token_endpoint", "required for `OAUTHBEARER`",
     "where a token is asked for (OAuth 2.0, client credentials); `https`, or `http` to this "
     "machine"},
    {"kafka.sasl.client_id", "required for `OAUTHBEARER`", "as whom the token is asked for"},
    {"kafka.sasl.client_secret", "required for `OAUTHBEARER`", "secret; sent by HTTP Basic"},
    {"kafka.sasl.scope", "", "scope that is asked for"},
    {"kafka.sasl.extensions", "`{}`",
     "told to the brokers beside the token, such as `{logicalCluster: lkc-1}`"},
    {"kafka.sasl.ca", "the system's CAs",
     "PEM file with the CAs that are trusted instead, of the token endpoint"},
};

constexpr KeyText kOtherTexts[] = {
    {"kafka", "", "the brokers, and how they are spoken to"},
    {"admin", "", "the HTTP port of Sluice itself"},
    {"memory", "", "how much may be under way"},
    {"log", "", "what is logged, on standard error"},
    {"targets.*.health", "", "what `sluice check` asks"},
    {"targets.*.concurrency", "", "requests under way at once, from this process"},
    {"targets.*.circuit_breaker", "", "when the target counts as down, and how it is tried"},
    {"pipelines.*.batch", "", "when a batch is full"},
    {"pipelines.*.retry", "", "waits between attempts"},
    {"pipelines.*.verdicts[].header", "", "a header that the answer must have"},
    {"pipelines.*.verdicts[].body", "", "what must stand in the body"},
    {"targets.*.auth(*).type", "", "{words}"},
    {"targets.*.auth(*).overlap", "`0s`",
     "how long a value that was exchanged is kept as a way back"},
    {"targets.*.auth(bearer).token", "", "secret"},
    {"targets.*.auth(basic).user", "", "user name, without a colon"},
    {"targets.*.auth(basic).password", "", "secret"},
    {"targets.*.auth(api_key).name", "", "of the header or of the parameter of the query"},
    {"targets.*.auth(api_key).in", "", "where the key goes: {words}"},
    {"targets.*.auth(api_key).value", "", "secret"},
    {"targets.*.auth(hkdf_hmac).token", "", "secret"},
    {"targets.*.auth(hkdf_hmac).account_id", "", "whose records they are"},
    {"targets.*.auth(hkdf_hmac).workspace_id", "", "in which workspace"},
    {"targets.*.auth(hkdf_hmac).salt", "", "salt of the key derivation: {words}"},
    {"targets.*.auth(hkdf_hmac).ikm", "", "its input, the other of the two: {words}"},
    {"targets.*.auth(hkdf_hmac).info", "", "its info"},
};

}  // namespace

std::span<const KeyText> process_texts() { return kProcessTexts; }
std::span<const KeyText> kafka_texts() { return kKafkaTexts; }
std::span<const KeyText> other_texts() { return kOtherTexts; }

}  // namespace sluice::config
