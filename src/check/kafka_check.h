// The brokers and what the pipelines want of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/record.h"
#include "check/report.h"
#include "config/config.h"
#include "kafka/cluster_probe.h"

namespace sluice::check {

// Partitions of a pipeline's topics, by the pipeline's name.
using PartitionMap = std::map<std::string, std::vector<TopicPartition>>;

// Without brokers that answer nothing more is asked. Returns what was found of the partitions.
PartitionMap check_kafka(const config::Config& config, kafka::ClusterProbe& probe, Report& report);

}  // namespace sluice::check
