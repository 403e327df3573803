// What others see of a session: metrics, /status, and one log line when it stalls or flows again.
#include <algorithm>
#include <atomic>
#include <utility>

#include "kafka/offset_lookup.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kReportEvery = std::chrono::seconds(1);
constexpr Duration kLogEndsEvery = std::chrono::seconds(5);

}  // namespace

void Session::report(Instant now) {
  const Stall stall = current_stall();
  const StallReason was = stall_watch_.current().reason;
  const auto held = stall_watch_.update(stall, now, parts_.clock.wall_now());
  if (!held && now < next_report_) return;
  if (held) {
    const bool flows = stall.reason == StallReason::flowing;
    const bool wanted =
        flows || stall.reason == StallReason::stopping || stall.reason == StallReason::paused;
    std::vector<telemetry::Field> fields = {
        {"pipeline", options_.pipeline.name},
        {"worker", options_.number},
        {"reason", std::string(to_string(stall.reason))},
        {"detail", stall.detail},
        {"was", std::string(to_string(was))},
        {"for_ms", std::chrono::duration_cast<std::chrono::milliseconds>(*held).count()}};
    if (!stall.next.empty()) fields.emplace_back("next", stall.next);
    parts_.log.write(
        wanted ? telemetry::Level::info : telemetry::Level::warn,
        flows ? telemetry::Event::pipeline_flowing : telemetry::Event::pipeline_stalled, fields);
  }
  if (was != StallReason::flowing) parts_.metrics.stalled(was, now - last_report_);
  last_report_ = now;
  next_report_ = now + kReportEvery;
  if (commit_is_slow()) doubt_brokers_ = true;
  update_lag();
  look_up_log_ends(now);
  look_at_group(now);
  for (auto& [lane, partition] : partitions_) {
    partition.stall_watch.update(shown_stall(partition), now, parts_.clock.wall_now());
  }
  update_ages(now);
  telemetry::WorkerStatus status = status_now(now);
  tell_metrics(status);
  parts_.status.publish(options_.pipeline.name, options_.number, std::move(status));
  parts_.status.beat(options_.pipeline.name, options_.number);
}

telemetry::WorkerStatus Session::status_now(Instant now) const {
  const WallTime wall = parts_.clock.wall_now();
  telemetry::WorkerStatus status = totals_;
  static_cast<telemetry::Condition&>(status) = stall_watch_.condition(now, wall);
  status.joined = joined_;
  status.last_error = deliverer_.last_error();
  status.last_error_at = deliverer_.last_error_at();
  status.memory_bytes = memory_used();
  status.memory_limit_bytes = memory_share_;
  status.requests_in_flight = deliverer_.requests_in_flight();
  status.scalable_lag = scalable_lag(now);
  for (const auto& [lane, partition] : partitions_) {
    status.partitions.push_back(status_of(partition, now, wall));
  }
  status.tenants = tenants_that_stand(now, wall);
  return status;
}

std::vector<telemetry::TenantStatus> Session::tenants_that_stand(Instant now, WallTime wall) const {
  std::vector<telemetry::TenantStatus> tenants;
  const auto wall_of = [&](Instant when) {
    return wall + std::chrono::duration_cast<WallTime::duration>(when - now);
  };
  for (const auto& [name, standing] : deliverer_.standing_tenants()) {
    const Stall stall = stall_of(standing);
    telemetry::TenantStatus tenant;
    tenant.name = name;
    tenant.reason = stall.reason;
    tenant.detail = stall.detail;
    tenant.since = wall_of(standing.since);
    tenant.next = stall.next;
    if (stall.next_at) tenant.next_at = wall_of(*stall.next_at);
    tenant.release = stall.release;
    tenants.push_back(std::move(tenant));
  }
  return tenants;
}

telemetry::PartitionStatus Session::status_of(const Partition& partition, Instant now,
                                              WallTime wall) const {
  telemetry::PartitionStatus status;
  static_cast<telemetry::Condition&>(status) = partition.stall_watch.condition(now, wall);
  status.topic = partition.of.topic;
  status.partition = partition.of.partition;
  status.committed = committer_.committed(partition.lane).value_or(-1);
  status.log_end = partition.log_end.value_or(-1);
  status.lag = partition.lag().value_or(-1);
  if (partition.waiting.age() > Duration::zero()) {
    status.oldest_undelivered_seconds =
        std::chrono::duration<double>(partition.waiting.age()).count();
  }
  status.in_flight = deliverer_.in_flight(partition.lane);
  status.unconfirmed_batches = static_cast<std::uint32_t>(partition.sent.unconfirmed());
  return status;
}

void Session::look_up_log_ends(Instant now) {
  if (looking_up_log_ends_ || now < next_log_end_lookup_) return;
  std::vector<std::pair<LaneId, TopicPartition>> wanted;
  for (const auto& [lane, partition] : partitions_) {
    if (partition.paused || !partition.log_end || partition.out_of_range || kafka_trouble_ ||
        cut_off_) {
      wanted.emplace_back(lane, partition.of);
    }
  }
  if (wanted.empty()) return;
  looking_up_log_ends_ = true;
  next_log_end_lookup_ = now + kLogEndsEvery;
  background_->run_soon(off_loop([this, consumer = consumer_.get(), cancelled = cancelled_,
                                  wanted = std::move(wanted)]() -> std::function<void()> {
    std::vector<std::pair<LaneId, std::int64_t>> ends;
    for (const auto& [lane, of] : wanted) {
      if (*cancelled) break;
      const auto end = kafka::log_end(*consumer, of);
      if (!end) break;  // the others would wait as long for the same answer
      ends.emplace_back(lane, *end);
    }
    return [this, ends = std::move(ends)] {
      looking_up_log_ends_ = false;
      for (const auto& [lane, end] : ends) {
        const auto found = partitions_.find(lane);
        if (found != partitions_.end()) found->second.log_end = end;
      }
    };
  }));
}

}  // namespace sluice::pipeline
