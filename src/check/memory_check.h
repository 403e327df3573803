#pragma once

#include "check/kafka_check.h"
#include "check/report.h"
#include "config/config.h"

namespace sluice::check {

// Whether memory.budget leaves room for a batch of each partition; where the partitions of a
// pipeline are not known, for a batch of each worker.
void check_memory(const config::Config& config, const PartitionMap& partitions, Report& report);

}  // namespace sluice::check
