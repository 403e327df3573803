// The one list of metrics: a name is written here and nowhere else. tests/golden/metrics.txt and
// docs/metrics.md follow it, since dashboards and alerts are written against these names.
//
// The metrics of a target (sluice_target_*) carry the label `target`, those of a credential
// (sluice_credential_*) `target` and `tenant`, all others but build_info and sluice_kafka_*
// `pipeline` and `target`, and after them their own. Values of own labels come from closed lists,
// or are as many as there are partitions and workers.
#pragma once

#include <array>
#include <span>

namespace sluice::telemetry {

struct MetricInfo {
  const char* name;
  const char* help;
  std::array<const char*, 2> labels{};  // its own; nullptr: none
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
inline constexpr std::array kRequestBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                            0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
// Up to an hour, since an outage of the target is as long as it is.
inline constexpr std::array kAgeBuckets{0.005, 0.01, 0.025, 0.05, 0.1,  0.25,  0.5,   1.0,
                                        2.5,   5.0,  10.0,  30.0, 60.0, 300.0, 900.0, 3600.0};

inline constexpr GaugeInfo kBuildInfo{
    {"sluice_build_info", "Always 1; the version is a label.", {"version"}}};

inline constexpr GaugeInfo kKafkaCertificateExpires{
    {"sluice_kafka_certificate_expires_timestamp_seconds",
     "When kafka.tls.cert expires, in seconds since 1970; 0: there is none."}};

inline constexpr CounterInfo kRecordsConsumed{
    {"sluice_records_consumed_total", "Records read from Kafka."}};
inline constexpr CounterInfo kRecordBytesConsumed{
    {"sluice_record_bytes_consumed_total", "Bytes of the values of the records read from Kafka."}};
inline constexpr CounterInfo kRecordsDelivered{
    {"sluice_records_delivered_total", "Records that the target has accepted."}};
inline constexpr CounterInfo kRecordsDropped{
    {"sluice_records_dropped_total", "Records left out by an explicit policy."}};
inline constexpr CounterInfo kDeadLetters{
    {"sluice_dead_letters_total",
     "Records whose write to the dead-letter topic was confirmed.",
     {"reason"}}};
inline constexpr CounterInfo kDeadLetterWriteFailures{
    {"sluice_dead_letter_write_failures_total",
     "Writes to the dead-letter topic that were not confirmed; each is made again."}};
inline constexpr CounterInfo kBatchesClosed{
    {"sluice_batches_closed_total", "Batches closed, by what closed them.", {"reason"}}};
inline constexpr CounterInfo kRequests{
    {"sluice_requests_total",
     "HTTP requests finished, by what the answer means and by its status: a class, 429, or none.",
     {"verdict", "status"}}};
inline constexpr CounterInfo kRequestBodyBytes{
    {"sluice_request_body_bytes_total", "Bytes of the bodies of the HTTP requests finished."}};
inline constexpr CounterInfo kCommits{
    {"sluice_commits_total", "Offset commits that the broker confirmed."}};
inline constexpr CounterInfo kCommitFailures{
    {"sluice_commit_failures_total", "Offset commits that the broker did not confirm."}};
inline constexpr CounterInfo kRebalances{
    {"sluice_rebalances_total", "Times that a worker's partitions changed."}};
inline constexpr CounterInfo kStalledSeconds{
    {"sluice_stalled_seconds_total",
     "Seconds that workers stood still, by reason; two workers count twice.",
     {"reason"}}};

inline constexpr HistogramInfo kBatchRecords{{"sluice_batch_records", "Records in a closed batch."},
                                             kRecordBuckets};
inline constexpr HistogramInfo kBatchBytes{{"sluice_batch_bytes", "Body bytes of a closed batch."},
                                           kByteBuckets};
inline constexpr HistogramInfo kRequestSeconds{
    {"sluice_request_seconds", "Seconds from sending a request to the last byte of its answer."},
    kRequestBuckets};
inline constexpr HistogramInfo kDeliveryAge{
    {"sluice_delivery_age_seconds",
     "Seconds from the timestamp of a batch's oldest record to the answer that delivered it."},
    kAgeBuckets};

inline constexpr GaugeInfo kLag{{"sluice_lag_records",
                                 "Records from the confirmed commit to the end of the partition.",
                                 {"topic", "partition"}}};
inline constexpr GaugeInfo kWorkerMemory{
    {"sluice_worker_memory_bytes", "Bytes of the memory budget that a worker holds.", {"worker"}}};
inline constexpr GaugeInfo kWorkerInFlight{{"sluice_worker_requests_in_flight",
                                            "HTTP requests of a worker without an answer yet.",
                                            {"worker"}}};
inline constexpr GaugeInfo kWorkerUnconfirmed{
    {"sluice_worker_unconfirmed_batches",
     "Batches of a worker that were sent and that no confirmed commit covers.",
     {"worker"}}};

inline constexpr GaugeInfo kTargetBreakerState{
    {"sluice_target_breaker_state",
     "1 for the state that the target's circuit breaker is in, 0 for the others.",
     {"state"}}};
inline constexpr CounterInfo kTargetBreakerOpened{
    {"sluice_target_breaker_opened_total",
     "Times that the target's circuit breaker opened, also anew after its probes failed."}};
inline constexpr CounterInfo kTargetThrottledSeconds{
    {"sluice_target_throttled_seconds_total",
     "Seconds that the target asked to wait; those of paths with a budget of their own add up."}};
inline constexpr GaugeInfo kTargetConcurrencyLimit{
    {"sluice_target_concurrency_limit",
     "HTTP requests to the target that may be under way at once, from this process."}};
inline constexpr GaugeInfo kTargetInFlight{
    {"sluice_target_requests_in_flight",
     "HTTP requests to the target without an answer yet, from this process."}};

inline constexpr GaugeInfo kTargetCertificateExpires{
    {"sluice_target_certificate_expires_timestamp_seconds",
     "When the client certificate expires, in seconds since 1970; 0: there is none."}};

inline constexpr GaugeInfo kCredentialSince{
    {"sluice_credential_in_use_since_timestamp_seconds",
     "When the value in use was taken into use, in seconds since 1970."}};
inline constexpr GaugeInfo kCredentialExpires{
    {"sluice_credential_expires_timestamp_seconds",
     "When the value in use expires, in seconds since 1970; 0: it does not say."}};
inline constexpr GaugeInfo kCredentialNewestRefused{
    {"sluice_credential_newest_refused",
     "1 while the newest value cannot be used and the one before stays in use."}};
inline constexpr CounterInfo kCredentialChanges{
    {"sluice_credential_changes_total", "Times that another value was taken into use."}};

}  // namespace sluice::telemetry
