#include <cstring>

#include "kafka/consumer_impl.h"

namespace sluice::kafka {

PartitionListHandle to_list(const std::vector<PartitionOffset>& partitions) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [of, offset, metadata] : partitions) {
    auto* entry = rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), of.partition);
    entry->offset = offset;
    if (metadata.empty()) continue;
    // The list frees it, by librdkafka's allocator.
    entry->metadata = rd_kafka_mem_malloc(nullptr, metadata.size() + 1);
    std::memcpy(entry->metadata, metadata.c_str(), metadata.size() + 1);
    entry->metadata_size = metadata.size();
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
