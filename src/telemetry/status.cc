#include "telemetry/status.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "telemetry/text.h"

namespace sluice::telemetry {
namespace {

std::string worker_name(const std::pair<std::string, std::uint32_t>& key) {
  return key.first + '/' + std::to_string(key.second);
}

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "unknown";
}

void StatusBoard::add(const std::string& pipeline, const std::string& group,
                      const std::string& target, std::uint32_t worker) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[Key{pipeline, worker}];
  entry.group = group;
  entry.target = target;
  entry.last_beat = clock_.now();
  entry.status = WorkerStatus{};
  entry.status.since = clock_.wall_now();
}

void StatusBoard::keep(const std::string& pipeline, std::uint32_t workers) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.first.first == pipeline && entry.first.second >= workers;
  });
  if (workers == 0) activities_.erase(pipeline);
}

void StatusBoard::set_targets(std::map<std::string, std::function<TargetStatus()>> targets) {
  const std::lock_guard lock(mutex_);
  targets_ = std::move(targets);
}

void StatusBoard::publish(const std::string& pipeline, std::uint32_t worker, WorkerStatus status) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(Key{pipeline, worker});
  if (found == entries_.end()) return;
  found->second.status = std::move(status);
  const auto activity = activities_.find(pipeline);
  if (activity != activities_.end()) activity->second->roll(clock_.now(), lag_of(pipeline));
}

void StatusBoard::show(const std::string& pipeline, Activity& activity) {
  const std::lock_guard lock(mutex_);
  activities_[pipeline] = &activity;
}

// nullopt: of no partition it is known.
std::optional<std::int64_t> StatusBoard::lag_of(const std::string& pipeline) const {
  std::optional<std::int64_t> lag;
  for (auto entry = entries_.lower_bound(Key{pipeline, 0});
       entry != entries_.end() && entry->first.first == pipeline; ++entry) {
    for (const PartitionStatus& partition : entry->second.status.partitions) {
      if (partition.lag >= 0) lag = lag.value_or(0) + partition.lag;
    }
  }
  return lag;
}

void StatusBoard::beat(const std::string& pipeline, std::uint32_t worker) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(Key{pipeline, worker});
  if (found != entries_.end()) found->second.last_beat = clock_.now();
}

bool StatusBoard::alive() const { return stuck().empty(); }

// What it said last is not what it does: numbers stay as the last known ones, reasons do not. One
// that stops waits for answers and for Kafka as long as it may.
WorkerStatus StatusBoard::shown(const Entry& entry) const {
  WorkerStatus status = entry.status;
  const auto wall_of = [&](Instant when) {
    return clock_.wall_now() + std::chrono::duration_cast<WallTime::duration>(when - clock_.now());
  };
  status.seen = wall_of(entry.last_beat);
  const Duration silent_for = silence(entry);
  if (silent_for <= kSilentAfter || status.reason == StallReason::stopping) return status;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent_for).count();
  const Condition silent{StallReason::not_responding,
                         "its loop has not turned for " + std::to_string(seconds) +
                             " s; what is shown of it is of that time",
                         status.seen,
                         "/livez fails, so that the process is started anew; nothing is lost by it",
                         wall_of(entry.last_beat + kStuckAfter),
                         {}};
  static_cast<Condition&>(status) = silent;
  for (PartitionStatus& partition : status.partitions) {
    static_cast<Condition&>(partition) = silent;
  }
  status.scalable_lag = 0;
  status.tenants.clear();
  return status;
}

StatusBoard::Snapshot StatusBoard::snapshot() const {
  const std::lock_guard lock(mutex_);
  Snapshot all;
  for (const auto& [key, entry] : entries_) all.emplace(key, shown(entry));
  return all;
}

std::vector<BeatAge> StatusBoard::beat_ages() const {
  const std::lock_guard lock(mutex_);
  std::vector<BeatAge> ages;
  for (const auto& [key, entry] : entries_) {
    ages.push_back({key.first, entry.target, key.second, silence(entry)});
  }
  return ages;
}

// Rates are what happened in the time that passed, and nobody else sees it pass.
void StatusBoard::roll_for_silent_workers() const {
  for (const auto& [pipeline, activity] : activities_) {
    bool silent = true;
    for (auto entry = entries_.lower_bound(Key{pipeline, 0});
         entry != entries_.end() && entry->first.first == pipeline; ++entry) {
      silent = silent && silence(entry->second) > kSilentAfter;
    }
    if (silent) activity->roll(clock_.now(), std::nullopt);
  }
}

std::vector<std::string> StatusBoard::not_ready() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [key, entry] : entries_) {
    if (entry.status.joined) continue;
    std::string line = worker_name(key) + ": " + std::string(to_string(entry.status.reason));
    if (!entry.status.detail.empty()) line += ": " + to_line(entry.status.detail);
    lines.push_back(line + " (since " + to_utc(entry.status.since) + ')');
  }
  return lines;
}

std::vector<std::string> StatusBoard::stuck() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [key, entry] : entries_) {
    if (silence(entry) > kStuckAfter) names.push_back(worker_name(key));
  }
  return names;
}

}  // namespace sluice::telemetry
