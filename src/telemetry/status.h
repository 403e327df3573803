// What each worker last said of itself, for /status, /readyz and /livez.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "telemetry/activity.h"
#include "telemetry/condition.h"
#include "telemetry/failures.h"
#include "telemetry/target_status.h"

namespace sluice::telemetry {

struct PartitionStatus : Condition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t committed = -1;  // next offset to read, confirmed by the broker; -1: none yet
  std::int64_t log_end = -1;    // -1: not known yet
  std::int64_t lag = -1;        // log_end - committed; -1: not known yet
  std::optional<double> oldest_undelivered_seconds;  // nullopt: nothing waits
  bool in_flight = false;
  std::uint32_t unconfirmed_batches = 0;
};

// Of a tenant whose records stand still while others go on.
struct TenantStatus : Condition {
  std::string name;
};

struct WorkerStatus : Condition {
  WorkerStatus() { reason = StallReason::starting; }

  WallTime seen{};      // when its loop turned last; the board knows
  bool joined = false;  // member of its group, with or without partitions
  std::string last_error;
  std::optional<WallTime> last_error_at;
  std::size_t memory_bytes = 0;
  std::size_t memory_limit_bytes = 0;
  std::size_t requests_in_flight = 0;
  std::uint64_t records_consumed = 0;
  std::uint64_t records_delivered = 0;
  std::uint64_t records_dead_lettered = 0;
  std::uint64_t records_dropped = 0;
  std::vector<PartitionStatus> partitions;
  std::vector<TenantStatus> tenants;
  std::int64_t scalable_lag = 0;  // that more replicas could work off
};

struct BeatAge {
  std::string pipeline;
  std::string target;
  std::uint32_t worker = 0;
  Duration age{};
};

// Thread-safe. Workers write, the admin port reads.
class StatusBoard {
 public:
  // A worker's loop beats at least once a second; livez() is false when one has not for this long.
  static constexpr Duration kStuckAfter = std::chrono::seconds(60);
  // After this long without a beat a worker is shown as not_responding, whatever it said last.
  static constexpr Duration kSilentAfter = std::chrono::seconds(5);
  // By pipeline and number of the worker.
  using Snapshot = std::map<std::pair<std::string, std::uint32_t>, WorkerStatus>;

  explicit StatusBoard(const Clock& clock) : clock_(clock), started_(clock.wall_now()) {}

  // Registers a worker; until its first publish it counts as starting.
  void add(const std::string& pipeline, const std::string& group, const std::string& target,
           std::uint32_t worker);
  // What the pipeline's workers do, rolled by what they publish. Outlives the board's use of it.
  void show(const std::string& pipeline, Activity& activity);
  // The pipeline has so many workers from now on; others are forgotten.
  void keep(const std::string& pipeline, std::uint32_t workers);
  // By name, in place of those before. Asked for their status by to_json(), on the caller's thread;
  // those before are not asked any more once this returns.
  void set_targets(std::map<std::string, std::function<TargetStatus()>> targets);
  void publish(const std::string& pipeline, std::uint32_t worker, WorkerStatus status);
  void beat(const std::string& pipeline, std::uint32_t worker);

  bool alive() const;
  // What every worker last published, or that it is not responding.
  Snapshot snapshot() const;
  // How long ago each worker's loop turned.
  std::vector<BeatAge> beat_ages() const;
  // Empty when every worker has joined its group; otherwise a line for each that has not.
  std::vector<std::string> not_ready() const;
  // Names of workers whose loop is stuck, "pipeline/worker".
  std::vector<std::string> stuck() const;
  // The document of GET /status; docs/status.md describes it.
  std::string to_json(bool with_history = false) const;

  // Where requests that failed are told.
  Failures& failures() { return failures_; }

 private:
  struct Entry {
    std::string group;
    std::string target;
    Instant last_beat;
    WorkerStatus status;  // as published
  };
  using Key = std::pair<std::string, std::uint32_t>;

  std::optional<std::int64_t> lag_of(const std::string& pipeline) const;
  Duration silence(const Entry& entry) const { return clock_.now() - entry.last_beat; }
  WorkerStatus shown(const Entry& entry) const;
  void roll_for_silent_workers() const;

  const Clock& clock_;
  const WallTime started_;
  Failures failures_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::map<std::string, Activity*> activities_;
  std::map<std::string, std::function<TargetStatus()>> targets_;
};

}  // namespace sluice::telemetry
