#include "support/kafka_admin.h"

#include <algorithm>
#include <array>
#include <functional>
#include <sstream>

#include "support/eventually.h"
#include "support/kafka_admin_call.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using RdNewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using RdDeleteTopic =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Destroyer<rd_kafka_DeleteTopic_destroy>>;
using RdNewPartitions =
    std::unique_ptr<rd_kafka_NewPartitions_t, Destroyer<rd_kafka_NewPartitions_destroy>>;
using RdConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using RdDeleteRecords =
    std::unique_ptr<rd_kafka_DeleteRecords_t, Destroyer<rd_kafka_DeleteRecords_destroy>>;
using RdDeleteOffsets = std::unique_ptr<rd_kafka_DeleteConsumerGroupOffsets_t,
                                        Destroyer<rd_kafka_DeleteConsumerGroupOffsets_destroy>>;

constexpr std::chrono::milliseconds kCallTimeout(kCallTimeoutMs);
constexpr int kAnswerTimeoutMs = 2000;

void require_all(const rd_kafka_topic_result_t** results, std::size_t count,
                 const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) require(rd_kafka_topic_result_error(results[i]), what);
}

void require_all(const rd_kafka_topic_partition_list_t* results, const std::string& what) {
  for (int i = 0; i < results->cnt; ++i) require(results->elems[i].err, what);
}

const rd_kafka_metadata_topic_t* find(const rd_kafka_metadata_t& metadata,
                                      const std::string& topic) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    if (metadata.topics[i].topic == topic) return &metadata.topics[i];
  }
  return nullptr;
}

bool has_leaders(const rd_kafka_metadata_t& metadata, const std::string& topic, int partitions) {
  const rd_kafka_metadata_topic_t* const found = find(metadata, topic);
  if (found == nullptr || found->partition_cnt != partitions) return false;
  return std::all_of(found->partitions, found->partitions + partitions,
                     [](const auto& partition) { return partition.leader >= 0; });
}

// A client that is new asks the one broker it knows. One that does not answer cannot mislead.
bool holds_at(const std::string& broker,
              const std::function<bool(const rd_kafka_metadata_t&)>& holds) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, broker);
  try {
    return holds(*fetch_metadata(client.get(), "", kAnswerTimeoutMs));
  } catch (const std::runtime_error&) {
    return true;
  }
}

void wait_until_all_see(const std::string& brokers, const std::string& what,
                        const std::function<bool(const rd_kafka_metadata_t&)>& holds) {
  std::istringstream list(brokers);
  for (std::string broker; std::getline(list, broker, ',');) {
    if (!eventually([&] { return holds_at(broker, holds); }, kCallTimeout)) {
      throw std::runtime_error(what + ": it never became visible at " + broker);
    }
  }
}

void wait_for_leaders(const std::string& brokers, const std::string& what, const std::string& topic,
                      int partitions) {
  wait_until_all_see(brokers, what, [&](const rd_kafka_metadata_t& metadata) {
    return has_leaders(metadata, topic, partitions);
  });
}

RdNewTopic request_for(const NewTopic& topic, const std::string& what) {
  std::array<char, 256> reason{};
  RdNewTopic request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication,
                                           reason.data(), reason.size()));
  if (!request) throw std::runtime_error(what + ": " + reason.data());
  for (const auto& [name, value] : topic.configs) {
    require(rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str()), what);
  }
  return request;
}

}  // namespace

void create_topic(const std::string& brokers, const NewTopic& topic) {
  const std::string what = "create topic " + topic.name;
  const RdNewTopic request = request_for(topic, what);
  const AdminCall call(brokers, what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_NewTopic_t*, 1> topics{request.get()};
    rd_kafka_CreateTopics(client, topics.data(), topics.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(call.result.get()), &count);
  require_all(results, count, what);
  wait_for_leaders(brokers, what, topic.name, topic.partitions);
}

void delete_topic(const std::string& brokers, const std::string& topic) {
  const std::string what = "delete topic " + topic;
  const RdDeleteTopic request(rd_kafka_DeleteTopic_new(topic.c_str()));
  const AdminCall call(brokers, what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_DeleteTopic_t*, 1> topics{request.get()};
    rd_kafka_DeleteTopics(client, topics.data(), topics.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results = rd_kafka_DeleteTopics_result_topics(
      rd_kafka_event_DeleteTopics_result(call.result.get()), &count);
  require_all(results, count, what);
  wait_until_all_see(brokers, what, [&](const rd_kafka_metadata_t& metadata) {
    return find(metadata, topic) == nullptr;
  });
}

void add_partitions(const std::string& brokers, const std::string& topic, int partitions) {
  const std::string what = "add partitions to " + topic;
  std::array<char, 256> reason{};
  const RdNewPartitions request(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), reason.data(), reason.size()));
  if (!request) throw std::runtime_error(what + ": " + reason.data());
  const AdminCall call(brokers, what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_NewPartitions_t*, 1> requests{request.get()};
    rd_kafka_CreatePartitions(client, requests.data(), requests.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(call.result.get()), &count);
  require_all(results, count, what);
  wait_for_leaders(brokers, what, topic, partitions);
}

void alter_topic_config(const std::string& brokers, const std::string& topic,
                        const std::map<std::string, std::string>& configs) {
  const std::string what = "alter the configuration of " + topic;
  const RdConfigResource request(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [name, value] : configs) {
    require(rd_kafka_ConfigResource_set_config(request.get(), name.c_str(), value.c_str()), what);
  }
  const AdminCall call(brokers, what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_ConfigResource_t*, 1> resources{request.get()};
    rd_kafka_AlterConfigs(client, resources.data(), resources.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** const results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(call.result.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    require(rd_kafka_ConfigResource_error(results[i]), what);
  }
}

void delete_records(const std::string& brokers, const std::string& topic, std::int32_t partition,
                    std::int64_t before_offset) {
  const std::string what = "delete records of " + topic;
  const RdPartitions before(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(before.get(), topic.c_str(), partition)->offset = before_offset;
  const RdDeleteRecords request(rd_kafka_DeleteRecords_new(before.get()));
  const AdminCall call(brokers, what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_DeleteRecords_t*, 1> requests{request.get()};
    rd_kafka_DeleteRecords(client, requests.data(), requests.size(), nullptr, queue);
  });
  require_all(
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(call.result.get())),
      what);
}

void delete_group_offsets(const std::string& brokers, const std::string& group,
                          const std::string& topic) {
  const std::string what = "delete the offsets of group " + group;
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers);
  const RdPartitions all(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add_range(all.get(), topic.c_str(), 0,
                                          partition_count(client.get(), topic) - 1);
  const RdDeleteOffsets request(rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), all.get()));
  const RdEvent result =
      admin_result(client.get(), what, [&](rd_kafka_t* asked, rd_kafka_queue_t* queue) {
        std::array<rd_kafka_DeleteConsumerGroupOffsets_t*, 1> requests{request.get()};
        rd_kafka_DeleteConsumerGroupOffsets(asked, requests.data(), requests.size(), nullptr,
                                            queue);
      });
  std::size_t count = 0;
  const rd_kafka_group_result_t** const results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
      rd_kafka_event_DeleteConsumerGroupOffsets_result(result.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* const error = rd_kafka_group_result_error(results[i]);
    if (error != nullptr) throw std::runtime_error(what + ": " + rd_kafka_error_string(error));
    require_all(rd_kafka_group_result_partitions(results[i]), what);
  }
}

}  // namespace sluice::test
