// The one list of metrics: a name is written here and nowhere else. tests/golden/metrics.txt and
// the tables of docs/metrics.md are made from it, since dashboards and alerts are written against
// these names.
//
// The metrics of a target (sluice_target_*) carry the label `target`, those of a credential
// (sluice_credential_*) `target` and `tenant`, those of the process (sluice_kafka_*, build_info,
// config, log, memory_budget, process_*) none, all others `pipeline` and `target`; after them come
// their own. Values of own labels come from closed lists, or are as many as there are partitions,
// workers and configured limits.
#pragma once

#include <array>
#include <span>

namespace sluice::telemetry {

struct MetricInfo {
  const char* name;
  const char* unit;  // in words
  const char* help;
  std::array<const char*, 2> labels{};  // its own; nullptr: none
  const char* good = "";                // what it looks like where all is well; may be empty
};
struct CounterInfo : MetricInfo {};
struct GaugeInfo : MetricInfo {};
struct HistogramInfo : MetricInfo {
  std::span<const double> buckets;
};

inline constexpr std::array kRecordBuckets{1.0,   2.0,   5.0,    10.0,   20.0,   50.0,   100.0,
                                           200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0};
inline constexpr std::array kByteBuckets{1024.0,   4096.0,    16384.0,   65536.0,
                                         262144.0, 1048576.0, 4194304.0, 16777216.0};
// Each at most two and a half times the one before, up to a minute: so far off a quantile can be.
inline constexpr std::array kRequestBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                            0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
// Up to an hour, since an outage of the target is as long as it is.
inline constexpr std::array kAgeBuckets{0.005, 0.01, 0.025, 0.05,  0.1,   0.25,
                                        0.5,   1.0,  2.5,   5.0,   10.0,  20.0,
                                        30.0,  60.0, 120.0, 300.0, 900.0, 3600.0};

// Records
inline constexpr CounterInfo kRecordsConsumed{{.name = "sluice_records_consumed_total",
                                               .unit = "records",
                                               .help = "Records read from Kafka."}};
inline constexpr CounterInfo kRecordBytesConsumed{
    {.name = "sluice_record_bytes_consumed_total",
     .unit = "bytes",
     .help = "Bytes of the values of the records read from Kafka."}};
inline constexpr CounterInfo kRecordsDelivered{{.name = "sluice_records_delivered_total",
                                                .unit = "records",
                                                .help = "Records that the target has accepted.",
                                                .good = "grows as fast as records are consumed"}};
inline constexpr CounterInfo kRecordsDropped{{.name = "sluice_records_dropped_total",
                                              .unit = "records",
                                              .help = "Records left out by an explicit policy."}};
inline constexpr CounterInfo kDeadLetters{
    {.name = "sluice_dead_letters_total",
     .unit = "records",
     .help = "Records whose write to the dead-letter topic was confirmed.",
     .labels = {"reason"},
     .good = "stands still"}};
inline constexpr CounterInfo kDeadLetterWriteFailures{
    {.name = "sluice_dead_letter_write_failures_total",
     .unit = "writes",
     .help = "Writes to the dead-letter topic that were not confirmed; each is made again.",
     .good = "stands still"}};
inline constexpr GaugeInfo kLag{
    {.name = "sluice_lag_records",
     .unit = "records",
     .help = "Records from the confirmed commit to the end of the partition, while parked too.",
     .labels = {"topic", "partition"},
     .good = "comes back to about 0 again and again"}};
inline constexpr GaugeInfo kScalableLag{
    {.name = "sluice_scalable_lag_records",
     .unit = "records",
     .help = "Lag that more replicas could work off: of the partitions that flow, and 0 while the "
             "target, a budget, an operator or Kafka holds the pipeline up.",
     .good = "low; scale on this, not on the lag"}};
inline constexpr GaugeInfo kOldestUndelivered{
    {.name = "sluice_oldest_undelivered_age_seconds",
     .unit = "seconds",
     .help = "Seconds since the timestamp of the oldest record that was read and has no outcome "
             "yet; where nothing can be read, since when; 0: nothing waits.",
     .labels = {"topic", "partition"},
     .good = "below the objective for delivery; grows second by second in an outage"}};
inline constexpr HistogramInfo kDeliveryAge{
    {.name = "sluice_delivery_age_seconds",
     .unit = "seconds",
     .help = "Seconds from the timestamp of a batch's oldest record to the answer that delivered "
             "it.",
     .good = "p99 below the objective; batch.linger is part of it"},
    kAgeBuckets};

// Batches and requests
inline constexpr CounterInfo kBatchesClosed{{.name = "sluice_batches_closed_total",
                                             .unit = "batches",
                                             .help = "Batches closed, by what closed them.",
                                             .labels = {"reason"},
                                             .good = "linger at little traffic, else count"}};
inline constexpr HistogramInfo kBatchRecords{{.name = "sluice_batch_records",
                                              .unit = "records",
                                              .help = "Records in a closed batch.",
                                              .good = "near batch.max_records under load"},
                                             kRecordBuckets};
inline constexpr HistogramInfo kBatchBytes{
    {.name = "sluice_batch_bytes", .unit = "bytes", .help = "Body bytes of a closed batch."},
    kByteBuckets};
inline constexpr CounterInfo kRequests{
    {.name = "sluice_requests_total",
     .unit = "requests",
     .help = "HTTP requests finished, by what the answer means and by its status: a class, 429, or "
             "none.",
     .labels = {"verdict", "status"},
     .good = "delivered, nearly all of them"}};
inline constexpr CounterInfo kRequestRetries{
    {.name = "sluice_request_retries_total",
     .unit = "requests",
     .help = "HTTP requests sent with records that a request before had not delivered.",
     .good = "below 1 % of the requests"}};
inline constexpr HistogramInfo kRequestSeconds{
    {.name = "sluice_request_seconds",
     .unit = "seconds",
     .help = "Seconds from sending a request to the last byte of its answer.",
     .good = "p99 far below the target's timeout"},
    kRequestBuckets};
inline constexpr CounterInfo kRequestBodyBytes{
    {.name = "sluice_request_body_bytes_total",
     .unit = "bytes",
     .help = "Bytes of the bodies of the HTTP requests finished, as they were sent."}};

// Standing still
inline constexpr GaugeInfo kStalledWorkers{
    {.name = "sluice_stalled_workers",
     .unit = "workers",
     .help = "Workers that stand still now, by reason.",
     .labels = {"reason"},
     .good = "0; starting after a start and in a rebalance"}};
inline constexpr GaugeInfo kStalledPartitions{
    {.name = "sluice_stalled_partitions",
     .unit = "partitions",
     .help = "Partitions that stand still now, by reason, as /status shows them.",
     .labels = {"reason"},
     .good = "0; retrying now and then"}};
inline constexpr CounterInfo kStalledSeconds{
    {.name = "sluice_stalled_seconds_total",
     .unit = "seconds",
     .help = "Seconds that workers stood still, by reason; two workers count twice.",
     .labels = {"reason"},
     .good = "stands still"}};

// Offsets and the group
inline constexpr CounterInfo kCommits{{.name = "sluice_commits_total",
                                       .unit = "commits",
                                       .help = "Offset commits that the broker confirmed.",
                                       .good = "grows while records are delivered"}};
inline constexpr CounterInfo kCommitFailures{
    {.name = "sluice_commit_failures_total",
     .unit = "commits",
     .help = "Offset commits that the broker did not confirm.",
     .good = "stands still; a few in a rebalance"}};
inline constexpr CounterInfo kRebalances{{.name = "sluice_rebalances_total",
                                          .unit = "rebalances",
                                          .help = "Times that a worker's partitions changed.",
                                          .good = "stands still between deployments"}};

// Targets
inline constexpr GaugeInfo kTargetBreakerState{
    {.name = "sluice_target_breaker_state",
     .unit = "0 or 1",
     .help = "1 for the state that the target's circuit breaker is in, 0 for the others.",
     .labels = {"state"},
     .good = "closed"}};
inline constexpr CounterInfo kTargetBreakerOpened{
    {.name = "sluice_target_breaker_opened_total",
     .unit = "openings",
     .help = "Times that the target's circuit breaker opened, also anew after its probes failed.",
     .good = "stands still"}};
inline constexpr CounterInfo kTargetThrottledSeconds{
    {.name = "sluice_target_throttled_seconds_total",
     .unit = "seconds",
     .help =
         "Seconds that the target asked to wait; those of paths with a budget of their own add up.",
     .good = "stands still; else set rate_limit"}};
inline constexpr CounterInfo kTargetBudgetSpent{
    {.name = "sluice_target_budget_spent_total",
     .unit = "the limit's: requests, records or bytes",
     .help = "What requests took of a limit, in its unit; path is empty for that of the whole "
             "target.",
     .labels = {"path", "limit"}}};
inline constexpr GaugeInfo kTargetBudgetPerSecond{
    {.name = "sluice_target_budget_per_second",
     .unit = "the limit's, a second",
     .help = "What this process may spend of a limit in a second, in the long run: its share, less "
             "the safety and what may go at once.",
     .labels = {"path", "limit"},
     .good = "rate(spent) / this is below 1: at 1 the limit is what holds up"}};
inline constexpr GaugeInfo kTargetConcurrencyLimit{
    {.name = "sluice_target_concurrency_limit",
     .unit = "requests",
     .help = "HTTP requests to the target that may be under way at once, from this process.",
     .good = "concurrency.max; it falls where the target is slow"}};
inline constexpr GaugeInfo kTargetInFlight{
    {.name = "sluice_target_requests_in_flight",
     .unit = "requests",
     .help = "HTTP requests to the target without an answer yet, from this process."}};
inline constexpr GaugeInfo kTargetCertificateExpires{
    {.name = "sluice_target_certificate_expires_timestamp_seconds",
     .unit = "seconds since 1970",
     .help = "When the client certificate expires, in seconds since 1970; 0: there is none.",
     .good = "more than two weeks ahead"}};

// Credentials
inline constexpr GaugeInfo kCredentialSince{
    {.name = "sluice_credential_in_use_since_timestamp_seconds",
     .unit = "seconds since 1970",
     .help = "When the value in use was taken into use, in seconds since 1970: its age."}};
inline constexpr GaugeInfo kCredentialExpires{
    {.name = "sluice_credential_expires_timestamp_seconds",
     .unit = "seconds since 1970",
     .help = "When the value in use expires, in seconds since 1970; 0: it does not say.",
     .good = "ahead; tokens are renewed before"}};
inline constexpr GaugeInfo kCredentialNewestRefused{
    {.name = "sluice_credential_newest_refused",
     .unit = "0 or 1",
     .help = "1 while the newest value cannot be used and the one before stays in use.",
     .good = "0"}};
inline constexpr CounterInfo kCredentialChanges{
    {.name = "sluice_credential_changes_total",
     .unit = "changes",
     .help = "Times that another value was taken into use."}};

// Workers
inline constexpr GaugeInfo kWorkerLastBeatAge{
    {.name = "sluice_worker_last_beat_age_seconds",
     .unit = "seconds",
     .help =
         "Seconds since a worker's loop turned; above 5 its other numbers are of then, above 60 "
         "/livez fails.",
     .labels = {"worker"},
     .good = "below 2"}};
inline constexpr GaugeInfo kWorkerMemory{
    {.name = "sluice_worker_memory_bytes",
     .unit = "bytes",
     .help = "Bytes of the memory budget that a worker holds: records and dead letters.",
     .labels = {"worker"},
     .good = "below its limit; near it in an outage"}};
inline constexpr GaugeInfo kWorkerMemoryLimit{
    {.name = "sluice_worker_memory_limit_bytes",
     .unit = "bytes",
     .help = "Bytes that a worker may hold: its share of memory.budget.",
     .labels = {"worker"}}};
inline constexpr GaugeInfo kWorkerInFlight{
    {.name = "sluice_worker_requests_in_flight",
     .unit = "requests",
     .help = "HTTP requests of a worker without an answer yet.",
     .labels = {"worker"}}};
inline constexpr GaugeInfo kWorkerUnconfirmed{
    {.name = "sluice_worker_unconfirmed_batches",
     .unit = "batches",
     .help = "Batches of a worker that were sent and that no confirmed commit covers.",
     .labels = {"worker"},
     .good = "below max_unconfirmed_batches times its partitions"}};

// The process
inline constexpr GaugeInfo kBuildInfo{{.name = "sluice_build_info",
                                       .unit = "1",
                                       .help = "Always 1; the version is a label.",
                                       .labels = {"version"}}};
inline constexpr GaugeInfo kMemoryBudget{{.name = "sluice_memory_budget_bytes",
                                          .unit = "bytes",
                                          .help = "memory.budget: what all workers, prefetch "
                                                  "queues and dead letters share."}};
inline constexpr CounterInfo kConfigReloads{
    {.name = "sluice_config_reloads_total",
     .unit = "reloads",
     .help = "Reloads, and changes of secret files, that were done or refused; a refused one "
             "changes nothing.",
     .labels = {"result"},
     .good = "refused stands still"}};
inline constexpr CounterInfo kLogLines{{.name = "sluice_log_lines_total",
                                        .unit = "lines",
                                        .help = "Lines of the log, by level.",
                                        .labels = {"level"},
                                        .good = "error and warn stand still"}};
inline constexpr CounterInfo kLogLinesHeldBack{
    {.name = "sluice_log_lines_held_back_total",
     .unit = "lines",
     .help = "Lines of the log that were counted instead of written, since they came again and "
             "again."}};
inline constexpr GaugeInfo kKafkaCertificateExpires{
    {.name = "sluice_kafka_certificate_expires_timestamp_seconds",
     .unit = "seconds since 1970",
     .help = "When the certificate of kafka.tls.cert that is in use expires, in seconds since "
             "1970; 0: there is none.",
     .good = "more than two weeks ahead"}};
inline constexpr CounterInfo kProcessCpu{
    {.name = "process_cpu_seconds_total",
     .unit = "seconds",
     .help = "Processor time of the process, user and system."}};
inline constexpr GaugeInfo kProcessMemory{
    {.name = "process_resident_memory_bytes",
     .unit = "bytes",
     .help = "Resident memory of the process.",
     .good = "at most 128 MiB above memory.budget, mostly 64"}};
inline constexpr GaugeInfo kProcessOpenFds{
    {.name = "process_open_fds", .unit = "descriptors", .help = "Open file descriptors."}};
inline constexpr GaugeInfo kProcessMaxFds{{.name = "process_max_fds",
                                           .unit = "descriptors",
                                           .help = "How many file descriptors may be open."}};
inline constexpr GaugeInfo kProcessThreads{
    {.name = "process_threads", .unit = "threads", .help = "Threads of the process."}};
inline constexpr GaugeInfo kProcessStart{
    {.name = "process_start_time_seconds",
     .unit = "seconds since 1970",
     .help = "When the process started, in seconds since 1970."}};

}  // namespace sluice::telemetry
