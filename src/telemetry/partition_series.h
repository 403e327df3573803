// The metrics of a pipeline's partitions, which come and go with them. Private to telemetry.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/record.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

// Thread-safe.
class PartitionSeries {
 public:
  // Of one of them.
  explicit PartitionSeries(const GaugeInfo& info, SeriesMaker maker)
      : info_(info), maker_(std::move(maker)) {}

  void set(const std::string& topic, std::int32_t partition, double value) {
    const std::lock_guard lock(mutex_);
    prometheus::Gauge*& gauge = gauges_[TopicPartition{topic, partition}];
    if (gauge == nullptr) gauge = &maker_.make(info_, {topic, std::to_string(partition)});
    gauge->Set(value);
  }
  void forget(const std::string& topic, std::int32_t partition) {
    const std::lock_guard lock(mutex_);
    const auto found = gauges_.find(TopicPartition{topic, partition});
    if (found == gauges_.end()) return;
    maker_.remove(info_, found->second);
    gauges_.erase(found);
  }

 private:
  const GaugeInfo& info_;
  const SeriesMaker maker_;
  std::mutex mutex_;
  std::map<TopicPartition, prometheus::Gauge*> gauges_;
};

}  // namespace sluice::telemetry
