// Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "kafka/cluster_probe.h"
#include "kafka/handles.h"

namespace sluice::kafka {

// Borrowed from the answer.
struct GroupDescription {
  EventHandle answer;
  const rd_kafka_ConsumerGroupDescription_t* description = nullptr;
};
tl::expected<GroupDescription, rd_kafka_resp_err_t> describe_group(rd_kafka_t* client,
                                                                   const std::string& name);

Result<GroupFacts> group_facts(rd_kafka_t* client, const std::string& name,
                               const std::vector<TopicPartition>& partitions);

}  // namespace sluice::kafka
