// What `sluice config init` writes. What is commented out shows defaults; a test holds both to the
// loader.
#include "cli/config_command.h"

namespace sluice::cli {
namespace {

constexpr std::string_view kGeneric =
    R"(# Sluice: from Kafka topics into an HTTP API that takes JSON. Change what is marked (1) to (6), then:
#
#   export API_TOKEN=...
#   sluice check sluice.yaml    # is everything there? nothing is sent
#   sluice run sluice.yaml
#
# What is commented out is the default. Every key: docs/configuration.md, or `sluice config schema`.
# A secret is never written here: ${env:NAME}, ${file:/path}, ${dir:/path/KEY} or ${exec:command}.

kafka:
  brokers: [localhost:9092]            # (1) host:port of one or more brokers
  # tls: off                           # on, or {ca: ca.pem, cert: client.pem, key: client.key}

targets:                               # HTTP APIs, by names of yours
  api:
    base_url: https://api.example.com  # (2) where it is; the path of each pipeline is appended
    auth: {type: bearer, token: "${env:API_TOKEN}"}   # (3) or basic, api_key, hmac, oauth2, none
    # timeout: 30s                     # of one request
    # concurrency: {min: 1, max: 8, adaptive: true}   # requests at once, as the API keeps up
    # rate_limit_headers: auto         # what the API says of its limits is obeyed

pipelines:                             # from topics to a path of a target, by names of yours
  deposits:
    topics: [events.deposit]           # (4) names, or patterns such as /^events\..*/
    group: sluice-deposits             # consumer group; each pipeline has its own
    target: api
    path: /events/deposit              # (5) or made from records: "/users/{/user/id}/events"
    dead_letter: {topic: events.deposit.dlq}   # (6) where records go that the API refuses
    # start: earliest                  # or latest, or a time: where a new group begins
    # order: partition                 # or key, none: what the API gets in order
    # body: json_array                 # or ndjson, or json: one record a request
    # batch: {max_records: 500, max_bytes: 1MiB, linger: 100ms}   # when a request goes
    # success: 200-299                 # statuses that mean: the API has the records
    # retry: {initial: 200ms, max: 30s, multiplier: 2, attempts: 10}   # waits between attempts
    # workers: 1                       # threads; at most as many as there are partitions

# admin: {listen: "127.0.0.1:9464"}    # metrics, health, /status and a page that shows it
# memory: {budget: 256MiB}             # for records and batches under way, the process over
# log: {level: info}                   # debug, info, warn or error
# shutdown_timeout: 25s                # how long SIGTERM waits for what is under way
)";

constexpr std::string_view kDataPipeline =
    R"(# Sluice: from Kafka topics into the Data Pipeline API. Change what is marked (1) to (5), then:
#
#   export DATA_PIPELINE_TOKEN=...
#   sluice check sluice.yaml    # is everything there? nothing is sent
#   sluice run sluice.yaml
#
# Without an account yet: `sluice simulate` is the API on this machine; it prints what to put here.
# What is commented out is the default. Every key: docs/configuration.md, or `sluice config schema`.
# All endpoints, with schemas of their records: config/data-pipeline.yaml

kafka:
  brokers: [localhost:9092]            # (1) host:port of one or more brokers
  # tls: off                           # on, or {ca: ca.pem, cert: client.pem, key: client.key}

targets:
  data-pipeline:
    base_url: https://api.example.com/apigw/ingest    # (2) where the API is, without the endpoint
    auth:                              # signs each request with a key that is derived from these
      type: hkdf_hmac
      token: "${env:DATA_PIPELINE_TOKEN}"   # never written here; also ${file:/path} and others
      account_id: "my-account"         # (3) both also stand in every record: the API refuses
      workspace_id: "my-workspace"     #     those of another account
      # salt: token                    # where it answers 401 to what should be right, write
      # ikm: account_workspace         # these two the other way round
    health: {path: /datapipeline/health}    # asked by `sluice check`
    rate_limit:                        # (4) what the API takes, for all replicas together
      - {requests: 1000, per: 1s, share: group, path: /events/deposit}
    # timeout: 30s                     # of one request

pipelines:                             # one for each endpoint, by names of yours
  deposit:
    topics: [events.deposit]           # (5) names, or patterns such as /^events\..*/
    group: sluice-deposit              # consumer group; each pipeline has its own
    target: data-pipeline
    path: /events/deposit
    success: [200]                     # the API answers 200 and counts the records it took;
    expect: /count                     # any other count parks the pipeline, nothing is committed
    dead_letter: {topic: events.deposit.dlq}   # where records go that the API refuses
    # start: earliest                  # or latest, or a time: where a new group begins
    # order: partition                 # or key, none: what the API gets in order
    # batch: {max_records: 500, max_bytes: 1MiB, linger: 100ms}   # 500 is the API's most
    # workers: 1                       # threads; at most as many as there are partitions

# admin: {listen: "127.0.0.1:9464"}    # metrics, health, /status and a page that shows it
# memory: {budget: 256MiB}             # for records and batches under way, the process over
# log: {level: info}                   # debug, info, warn or error
# shutdown_timeout: 25s                # how long SIGTERM waits for what is under way
)";

}  // namespace

std::string_view first_configuration(std::string_view target) {
  if (target == "generic") return kGeneric;
  return target == "data-pipeline" ? kDataPipeline : std::string_view{};
}

}  // namespace sluice::cli
