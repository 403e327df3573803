// KafkaBroker's administrative calls.
#include <array>

#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using Acl = std::unique_ptr<rd_kafka_AclBinding_t, Destroyer<rd_kafka_AclBinding_destroy>>;
using DeleteRecords =
    std::unique_ptr<rd_kafka_DeleteRecords_t, Destroyer<rd_kafka_DeleteRecords_destroy>>;

RdEvent wait_for_result(rd_kafka_queue_t* queue, const std::string& what) {
  RdEvent event(rd_kafka_queue_poll(queue, kCallTimeoutMs));
  if (!event) throw std::runtime_error(what + ": no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(what + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

rd_kafka_ResourceType_t type_of(KafkaBroker::Resource resource) {
  return resource == KafkaBroker::Resource::topic ? RD_KAFKA_RESOURCE_TOPIC
                                                  : RD_KAFKA_RESOURCE_GROUP;
}

rd_kafka_AclOperation_t operation_of(KafkaBroker::Operation operation) {
  switch (operation) {
    case KafkaBroker::Operation::read:
      return RD_KAFKA_ACL_OPERATION_READ;
    case KafkaBroker::Operation::write:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case KafkaBroker::Operation::describe:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE;
  }
  return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

// The broker's authorizer hears of an access control list after it was confirmed.
bool is_listed(rd_kafka_t* client, rd_kafka_AclBindingFilter_t* filter) {
  const RdQueue queue(rd_kafka_queue_new(client));
  rd_kafka_DescribeAcls(client, filter, nullptr, queue.get());
  const RdEvent event = wait_for_result(queue.get(), "describe access");
  std::size_t count = 0;
  rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  return count != 0;
}

bool has_leaders(rd_kafka_t* client, const std::string& topic, int partitions) {
  const RdMetadata metadata = fetch_metadata(client, topic, kCallTimeoutMs);
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR || found.partition_cnt != partitions) return false;
  for (int i = 0; i < partitions; ++i) {
    if (found.partitions[i].leader < 0) return false;
  }
  return true;
}

}  // namespace

void KafkaBroker::create_topic(const std::string& name, int partitions,
                               const std::map<std::string, std::string>& configs) const {
  const std::string what = "create topic " + name;
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers());
  std::array<char, 256> reason{};
  const NewTopic topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, reason.data(), reason.size()));
  if (!topic) throw std::runtime_error(what + ": " + reason.data());
  for (const auto& [key, value] : configs) {
    require(rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str()), what);
  }
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  std::array<rd_kafka_NewTopic_t*, 1> topics{topic.get()};
  rd_kafka_CreateTopics(client.get(), topics.data(), topics.size(), nullptr, queue.get());
  const RdEvent event = wait_for_result(queue.get(), what);
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) require(rd_kafka_topic_result_error(results[i]), what);
  if (!eventually([&] { return has_leaders(client.get(), name, partitions); },
                  std::chrono::milliseconds(kCallTimeoutMs))) {
    fail(what + ": it never became visible");
  }
}

void KafkaBroker::delete_records(const std::string& topic, std::int32_t partition,
                                 std::int64_t before_offset) const {
  const std::string what = "delete records of " + topic;
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers());
  const RdPartitions before(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(before.get(), topic.c_str(), partition)->offset = before_offset;
  const DeleteRecords request(rd_kafka_DeleteRecords_new(before.get()));
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  std::array<rd_kafka_DeleteRecords_t*, 1> requests{request.get()};
  rd_kafka_DeleteRecords(client.get(), requests.data(), requests.size(), nullptr, queue.get());
  const RdEvent event = wait_for_result(queue.get(), what);
  const rd_kafka_topic_partition_list_t* const results =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  for (int i = 0; i < results->cnt; ++i) require(results->elems[i].err, what);
}

void KafkaBroker::allow(const std::string& user, Operation operation, Resource resource,
                        const std::string& name) const {
  const std::string what = "allow " + user + " to use " + name;
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers());
  const std::string principal = "User:" + user;
  const Acl acl(rd_kafka_AclBinding_new(
      type_of(resource), name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(), "*",
      operation_of(operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, nullptr, 0));
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  std::array<rd_kafka_AclBinding_t*, 1> acls{acl.get()};
  rd_kafka_CreateAcls(client.get(), acls.data(), acls.size(), nullptr, queue.get());
  const RdEvent event = wait_for_result(queue.get(), what);
  std::size_t count = 0;
  const rd_kafka_acl_result_t** const results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_acl_result_error(results[i]) != nullptr) fail(what + ": refused");
  }
  const Acl filter(rd_kafka_AclBindingFilter_new(
      type_of(resource), name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(), "*",
      operation_of(operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, nullptr, 0));
  if (!eventually([&] { return is_listed(client.get(), filter.get()); },
                  std::chrono::milliseconds(kCallTimeoutMs))) {
    fail(what + ": it never became visible");
  }
}

}  // namespace sluice::test
