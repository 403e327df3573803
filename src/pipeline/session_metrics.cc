// What a session's metrics say, once a second.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/record_time.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

void keep_larger(std::optional<Duration>& oldest, std::optional<Duration> other) {
  if (other) oldest = std::max(oldest.value_or(*other), *other);
}

}  // namespace

void Session::update_lag() {
  for (auto& [lane, partition] : partitions_) {
    // While it is paused nothing is fetched, and what the last fetch saw grows old.
    if (!partition.paused) {
      if (const auto end = consumer_->known_log_end(partition.of)) partition.log_end = end;
      // A fetch that shows another end was granted.
      if (consumer_->known_log_end(partition.of) != partition.log_end_when_refused) {
        partition.refused.clear();
      }
    }
    partition.committed = committer_.committed(lane);
    if (const auto lag = partition.lag()) {
      parts_.metrics.set_lag(partition.of.topic, partition.of.partition, *lag);
    }
  }
}

void Session::update_ages(Instant now) {
  const bool flows = worker_stall().reason == StallReason::flowing;
  const WallTime wall = parts_.clock.wall_now();
  const auto of_letters = outbox_ ? outbox_->oldest_ages() : std::map<LaneId, Duration>();
  for (auto& [lane, partition] : partitions_) {
    std::optional<Duration> oldest = deliverer_.oldest_age(lane, now, wall);
    keep_larger(oldest, partition.strands.oldest_age(now, wall));
    const auto letter = of_letters.find(lane);
    if (letter != of_letters.end()) keep_larger(oldest, letter->second);
    if (partition.undeliverable_since_ms >= 0) {
      const WallTime since = record_time(partition.undeliverable_since_ms);
      keep_larger(oldest, std::max<Duration>(wall - since, Duration::zero()));
    }
    // The end of a log may be marks of transactions, which are never read: where nothing is in the
    // way, what was not read is about to be, or is none.
    const bool reads = flows && !partition.paused &&
                       partition.stall_watch.current().reason == StallReason::flowing;
    const bool waits = partition.ledger.outstanding() > 0 || (partition.has_unread() && !reads);
    partition.waiting.update(oldest, waits, now);
    parts_.metrics.set_oldest_undelivered(partition.of.topic, partition.of.partition,
                                          partition.waiting.age());
  }
}

// None while the target or a budget is what holds it up, were it for moments: with more replicas
// the same would come of it.
std::int64_t Session::scalable_lag(Instant now) const {
  if (worker_stall().reason != StallReason::flowing || held_back_lately_) return 0;
  if (admission_.closed_by(now)) return 0;
  std::int64_t lag = 0;
  for (const auto& [lane, partition] : partitions_) {
    lag += scalable(partition.lag(), partition.stall_watch.current().reason);
  }
  return lag;
}

// `status`: what it has just said of itself.
void Session::tell_metrics(const telemetry::WorkerStatus& status) {
  telemetry::WorkerLoad load;
  load.memory_bytes = status.memory_bytes;
  load.memory_limit_bytes = status.memory_limit_bytes;
  load.requests_in_flight = status.requests_in_flight;
  load.reason = status.reason;
  load.scalable_lag = status.scalable_lag;
  for (const auto& partition : status.partitions) {
    load.partitions.push_back(partition.reason);
    load.unconfirmed_batches += partition.unconfirmed_batches;
  }
  parts_.metrics.set_worker(options_.number, load);
  held_back_lately_ = false;
}

}  // namespace sluice::pipeline
