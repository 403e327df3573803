#include "kafka/consumer_impl.h"

namespace sluice::kafka {

PartitionListHandle to_list(const std::vector<PartitionOffset>& partitions) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [of, offset] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), of.partition)->offset = offset;
  }
  return list;
}

PartitionListHandle to_list(const std::vector<TopicPartition>& partitions) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& of : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), of.partition);
  }
  return list;
}

std::vector<TopicPartition> from_list(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  }
  return partitions;
}

}  // namespace sluice::kafka
