// Every metric there is. Names, help texts and labels stand in metric_list.h in one list;
// tests/golden/metrics.txt holds them, since dashboards and alerts are written against them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/verdict.h"
#include "telemetry/activity.h"
#include "telemetry/target_status.h"

namespace sluice::telemetry {

// The counters of one pipeline, all its workers together. Thread-safe; every call is a few atomic
// adds, made per batch, request or event, never per record. All label values exist at 0 from the
// start.
class PipelineMetrics {
 public:
  virtual ~PipelineMetrics() = default;

  virtual void records_consumed(std::uint64_t records, std::uint64_t bytes) = 0;
  // By outcome; dead letters are counted by reason, once the broker has confirmed them.
  virtual void records_delivered(std::uint64_t records) = 0;
  virtual void records_dropped(std::uint64_t records) = 0;
  virtual void record_dead_lettered(DeadLetterReason reason) = 0;
  virtual void dead_letter_write_failed() = 0;

  virtual void batch_closed(CloseReason reason, std::uint64_t records, std::uint64_t bytes) = 0;
  // status 0: no answer. `took` is from send to the answer's last byte.
  virtual void request_finished(int status, Verdict verdict, Duration took,
                                std::uint64_t body_bytes) = 0;
  // From the oldest record's timestamp to the answer that delivered its batch; negative ages (a
  // producer's clock ahead of ours) count as 0.
  virtual void batch_delivered(Duration oldest_record_age) = 0;

  virtual void commit_confirmed() = 0;
  virtual void commit_failed() = 0;
  virtual void rebalanced() = 0;
  // A stalled stretch of one worker is over, or still going: adds to the seconds of its reason.
  virtual void stalled(StallReason reason, Duration how_long) = 0;

  // Gauges, by topic and partition; forget removes the series when a partition leaves.
  virtual void set_lag(const std::string& topic, std::int32_t partition, std::int64_t records) = 0;
  virtual void forget_partition(const std::string& topic, std::int32_t partition) = 0;
  // Gauges of one worker (its number is a label).
  virtual void set_worker(std::uint32_t worker, std::size_t memory_bytes, std::size_t in_flight,
                          std::size_t unconfirmed_batches) = 0;
};

// Of one target, for all its pipelines together. Thread-safe; every call is a few atomic stores.
class TargetMetrics {
 public:
  virtual ~TargetMetrics() = default;

  virtual void set_breaker(BreakerState state) = 0;
  virtual void breaker_opened() = 0;
  // The target asked to wait so much longer than it had before.
  virtual void throttled(Duration how_long) = 0;
  virtual void set_concurrency(std::size_t limit, std::size_t in_flight) = 0;
  // Of the client certificate; nullopt: there is none.
  virtual void set_certificate_expires(std::optional<WallTime> expires) = 0;
};

// Of the credential of a target, or of one tenant of it. Thread-safe, like the above.
class CredentialMetrics {
 public:
  virtual ~CredentialMetrics() = default;

  virtual void set_in_use_since(WallTime since) = 0;
  // nullopt: the value does not say.
  virtual void set_expires(std::optional<WallTime> expires) = 0;
  virtual void set_newest_refused(bool refused) = 0;
  virtual void changed() = 0;
};

class Metrics {
 public:
  // `version` goes into sluice_build_info.
  explicit Metrics(std::string_view version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Creates the pipeline's series on first use; the reference lives as long as this object.
  PipelineMetrics& pipeline(const std::string& name, const std::string& target);
  // What the pipeline did lately, fed by its counters; created on first use, lives as long.
  Activity& activity(const std::string& name);
  // As above.
  TargetMetrics& target(const std::string& name);
  // As above; `tenant` is empty where the target has none.
  CredentialMetrics& credential(const std::string& target, const std::string& tenant);

  // Of kafka.tls.cert; nullopt: there is none. Thread-safe.
  void set_kafka_certificate_expires(std::optional<WallTime> expires);

  // Prometheus text format.
  std::string serialize() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::telemetry
