#pragma once

#include "check/kafka_check.h"
#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// What the rate limits let through, and whether one that is divided among the replicas of a group
// leaves a request to each of its partitions, where those are known.
void check_rate_limits(const config::Config& config, const PartitionMap& partitions,
                       Report& report);

}  // namespace sluice::check
