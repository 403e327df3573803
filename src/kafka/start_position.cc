#include "kafka/start_position.h"

#include <algorithm>
#include <set>

#include "kafka/consumer_impl.h"
#include "kafka/offset_lookup.h"
#include "kafka/topic_pattern.h"

namespace sluice::kafka {
namespace {

void add_matching(const rd_kafka_metadata_t& metadata, const Subscription& subscription,
                  const TopicPattern& pattern, std::set<std::string>& topics) {
  const auto& excluded = subscription.excluded;
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const auto& topic = metadata.topics[i];
    if (!pattern.matches(topic.topic)) continue;
    if (std::find(excluded.begin(), excluded.end(), topic.topic) != excluded.end()) continue;
    topics.insert(topic.topic);
  }
}

Result<std::vector<PartitionOffset>> ends_of(const Consumer& consumer,
                                             const std::vector<TopicPartition>& partitions) {
  std::vector<PartitionOffset> ends;
  for (const auto& partition : partitions) {
    const auto end = log_end(consumer, partition);
    if (!end) return tl::unexpected(end.error());
    ends.push_back({partition, *end});
  }
  return ends;
}

// The offset of the first record at or after `from`; the end where there is none yet.
Result<std::vector<PartitionOffset>> offsets_at(const Consumer& consumer,
                                                const std::vector<TopicPartition>& partitions,
                                                WallTime from) {
  // Before the times: what is written in between is as late, and must not be jumped.
  auto offsets = ends_of(consumer, partitions);
  if (!offsets) return offsets;
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(from.time_since_epoch());
  std::vector<PartitionOffset> times;
  for (const auto& of : partitions) times.push_back({of, since_epoch.count()});
  const auto list = to_list(times);
  const auto error =
      rd_kafka_offsets_for_times(consumer.impl().client.get(), list.get(), kLookupTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot ask for the offsets at the start time: " + error_text(error),
                "check that the brokers run and that we may read the topics");
  }
  for (auto& [of, offset, metadata] : *offsets) {
    const auto* found =
        rd_kafka_topic_partition_list_find(list.get(), of.topic.c_str(), of.partition);
    if (found == nullptr || found->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail("cannot ask for the offset of " + of.topic + "/" + std::to_string(of.partition) +
                  " at the start time" + (found ? ": " + error_text(found->err) : ""));
    }
    if (found->offset >= 0) offset = std::min(offset, found->offset);
  }
  return offsets;
}

}  // namespace

Result<std::vector<std::string>> topics_of(const Consumer& consumer,
                                           const Subscription& subscription) {
  std::set<std::string> topics(subscription.names.begin(), subscription.names.end());
  if (!subscription.patterns.empty()) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto error =
        rd_kafka_metadata(consumer.impl().client.get(), 1, nullptr, &raw, kLookupTimeoutMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return fail("cannot ask the brokers which topics there are: " + error_text(error),
                  "check kafka.brokers and that a broker runs there");
    }
    const MetadataHandle metadata(raw);
    for (const auto& pattern : subscription.patterns) {
      add_matching(*metadata, subscription, TopicPattern(pattern), topics);
    }
  }
  return std::vector<std::string>(topics.begin(), topics.end());
}

Result<void> start_group_at(const Consumer& consumer, const std::vector<std::string>& topics,
                            std::optional<WallTime> from) {
  const auto partitions = partitions_of(consumer, topics);
  if (!partitions) return tl::unexpected(partitions.error());
  if (partitions->empty()) return {};
  const auto committed = committed_offsets(consumer, *partitions);
  if (!committed) return tl::unexpected(committed.error());
  if (!committed->empty()) return {};
  const auto starts =
      from ? offsets_at(consumer, *partitions, *from) : ends_of(consumer, *partitions);
  if (!starts) return tl::unexpected(starts.error());
  return commit_for_empty_group(consumer, *starts);
}

}  // namespace sluice::kafka
