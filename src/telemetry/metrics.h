// Every metric there is. Names, help texts and labels stand in metric_list.h in one list;
// tests/golden/metrics.txt holds them, since dashboards and alerts are written against them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "telemetry/activity.h"
#include "telemetry/target_status.h"

namespace sluice::telemetry {

class Log;
class StatusBoard;

// What a worker holds, and whether it stands still.
struct WorkerLoad {
  std::size_t memory_bytes = 0;
  std::size_t memory_limit_bytes = 0;
  std::size_t requests_in_flight = 0;
  std::size_t unconfirmed_batches = 0;
  StallReason reason = StallReason::flowing;
  std::vector<StallReason> partitions = {};  // of each that it has
  std::int64_t scalable_lag = 0;             // records that more replicas could work off
};

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
  // A request went out with records that one before had not delivered.
  virtual void request_retried() = 0;
  // From the oldest record's timestamp to the answer that delivered its batch; negative ages (a
  // producer's clock ahead of ours) count as 0.
  virtual void batch_delivered(Duration oldest_record_age) = 0;

  virtual void commit_confirmed() = 0;
  virtual void commit_failed() = 0;
  virtual void rebalanced() = 0;
  // A stalled stretch of one worker is over, or still going: adds to the seconds of its reason.
  // No worker stands still since a partition retries: that is not counted.
  virtual void stalled(StallReason reason, Duration how_long) = 0;

  // Gauges, by topic and partition; forget removes the series when a partition leaves.
  virtual void set_lag(const std::string& topic, std::int32_t partition, std::int64_t records) = 0;
  virtual void set_oldest_undelivered(const std::string& topic, std::int32_t partition,
                                      Duration age) = 0;
  virtual void forget_partition(const std::string& topic, std::int32_t partition) = 0;
  // Gauges of one worker (its number is a label), and what all workers come to together.
  virtual void set_worker(std::uint32_t worker, const WorkerLoad& load) = 0;
  virtual void forget_worker(std::uint32_t worker) = 0;
};

// One limit of a target's rate_limit.
struct BudgetName {
  std::string path;   // whose it is; empty: all of the target's
  std::string limit;  // as it is configured: "1000 requests/1s"
  auto operator<=>(const BudgetName&) const = default;
};

// Thread-safe; changes nothing any more once its target has other budgets.
class BudgetMetrics {
 public:
  virtual ~BudgetMetrics() = default;

  // Requests, records or bytes, as the limit has it.
  virtual void spent(std::size_t amount) = 0;
  virtual void set_per_second(double may_spend) = 0;
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
  // The target has these limits from now on, which are not the same twice; one for each comes back.
  // The series of others go, those of limits that stay count on.
  virtual std::vector<std::shared_ptr<BudgetMetrics>> set_budgets(
      const std::vector<BudgetName>& budgets) = 0;
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
  // It is gone for good, and its series with it: the other calls change nothing any more.
  virtual void forget() = 0;
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
  // As above; `tenant` is empty where the target has none. After its forget() the series are made
  // anew.
  CredentialMetrics& credential(const std::string& target, const std::string& tenant);

  // Of kafka.tls.cert; nullopt: there is none. Thread-safe.
  void set_kafka_certificate_expires(std::optional<WallTime> expires);
  void set_memory_budget(std::size_t bytes);
  // The configuration, or a secret, was read again: taken over, or refused.
  void reloaded(bool done);
  // Its lines are counted at each scrape from now on. It outlives this object.
  void count_lines_of(const Log& log);
  // How long its workers' loops have not turned is read at each scrape. It outlives this object.
  void watch_beats_of(const StatusBoard& board);

  // Prometheus text format.
  std::string serialize() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::telemetry
