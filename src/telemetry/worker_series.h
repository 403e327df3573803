// The metrics of a pipeline's workers: of each, and what they come to together. Private to
// telemetry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "telemetry/metrics.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

// Thread-safe.
class WorkerSeries {
 public:
  explicit WorkerSeries(SeriesMaker maker) : maker_(std::move(maker)) {
    for (const StallReason reason : kAllStallReasons) {
      if (reason == StallReason::flowing || reason == StallReason::not_responding) continue;
      stalled_workers_.at(index(reason)) = &maker_.make(kStalledWorkers, {to_string(reason)});
      stalled_partitions_.at(index(reason)) = &maker_.make(kStalledPartitions, {to_string(reason)});
    }
  }

  void set(std::uint32_t number, const WorkerLoad& load) {
    const std::lock_guard lock(mutex_);
    auto found = workers_.find(number);
    if (found == workers_.end()) found = workers_.emplace(number, make(number)).first;
    Worker& worker = found->second;
    worker.memory->Set(static_cast<double>(load.memory_bytes));
    worker.memory_limit->Set(static_cast<double>(load.memory_limit_bytes));
    worker.in_flight->Set(static_cast<double>(load.requests_in_flight));
    worker.unconfirmed->Set(static_cast<double>(load.unconfirmed_batches));
    worker.reason = load.reason;
    worker.partitions = {};
    for (const StallReason reason : load.partitions) ++worker.partitions.at(index(reason));
    worker.scalable_lag = load.scalable_lag;
    show_all();
  }
  void forget(std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = workers_.find(number);
    if (found == workers_.end()) return;
    maker_.remove(kWorkerMemory, found->second.memory);
    maker_.remove(kWorkerMemoryLimit, found->second.memory_limit);
    maker_.remove(kWorkerInFlight, found->second.in_flight);
    maker_.remove(kWorkerUnconfirmed, found->second.unconfirmed);
    workers_.erase(found);
    show_all();
  }

 private:
  using Gauge = prometheus::Gauge;
  using ByReason = std::array<std::uint32_t, kAllStallReasons.size()>;
  struct Worker {
    Gauge* memory;
    Gauge* memory_limit;
    Gauge* in_flight;
    Gauge* unconfirmed;
    StallReason reason = StallReason::flowing;
    ByReason partitions{};
    std::int64_t scalable_lag = 0;
  };

  static std::size_t index(StallReason reason) { return static_cast<std::size_t>(reason); }

  Worker make(std::uint32_t number) const {
    const std::string label = std::to_string(number);
    return {.memory = &maker_.make(kWorkerMemory, {label}),
            .memory_limit = &maker_.make(kWorkerMemoryLimit, {label}),
            .in_flight = &maker_.make(kWorkerInFlight, {label}),
            .unconfirmed = &maker_.make(kWorkerUnconfirmed, {label})};
  }

  void show_all() {
    ByReason workers{};
    ByReason partitions{};
    std::int64_t scalable_lag = 0;
    for (const auto& [number, worker] : workers_) {
      ++workers.at(index(worker.reason));
      for (std::size_t i = 0; i < partitions.size(); ++i)
        partitions.at(i) += worker.partitions.at(i);
      scalable_lag += worker.scalable_lag;
    }
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (stalled_workers_.at(i) == nullptr) continue;
      stalled_workers_.at(i)->Set(workers.at(i));
      stalled_partitions_.at(i)->Set(partitions.at(i));
    }
    scalable_lag_.Set(static_cast<double>(scalable_lag));
  }

  const SeriesMaker maker_;
  std::array<Gauge*, kAllStallReasons.size()> stalled_workers_{};  // null: not counted
  std::array<Gauge*, kAllStallReasons.size()> stalled_partitions_{};
  Gauge& scalable_lag_ = maker_.make(kScalableLag);
  std::mutex mutex_;
  std::map<std::uint32_t, Worker> workers_;
};

}  // namespace sluice::telemetry
