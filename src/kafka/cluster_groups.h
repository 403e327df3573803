// Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "kafka/cluster_probe.h"

namespace sluice::kafka {

Result<GroupFacts> group_facts(rd_kafka_t* client, const std::string& name,
                               const std::vector<TopicPartition>& partitions);

}  // namespace sluice::kafka
