#include "kafka/cluster_access.h"

#include <algorithm>
#include <array>
#include <span>

#include "kafka/admin_call.h"

namespace sluice::kafka {
namespace {

using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;

#if RD_KAFKA_VERSION >= 0x020300ff

using TopicCollectionHandle =
    std::unique_ptr<rd_kafka_TopicCollection_t, Destroy<rd_kafka_TopicCollection_destroy>>;

AdminOptionsHandle asking_for_rights(rd_kafka_t* client, rd_kafka_admin_op_t operation) {
  AdminOptionsHandle options = admin_options(client, operation);
  const ErrorHandle error(
      rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
  return options;
}

// A broker before 2.3 sends no list.
Access access_in(const rd_kafka_AclOperation_t* operations, std::size_t count,
                 rd_kafka_AclOperation_t wanted) {
  if (operations == nullptr) return Access::unknown;
  const std::span all(operations, count);
  return std::find(all.begin(), all.end(), wanted) != all.end() ? Access::granted : Access::denied;
}

Access described_topic(rd_kafka_t* client, const std::string& name,
                       rd_kafka_AclOperation_t wanted) {
  std::array<const char*, 1> names{name.c_str()};
  const TopicCollectionHandle topics(
      rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
  const AdminAnswer answer =
      admin_call(client, asking_for_rights(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS),
                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                   rd_kafka_DescribeTopics(client, topics.get(), options, queue);
                 });
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return Access::unknown;
  std::size_t count = 0;
  const auto* const* const described = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(answer.event.get()), &count);
  if (count != 1) return Access::unknown;
  const auto* const operations =
      rd_kafka_TopicDescription_authorized_operations(described[0], &count);
  return access_in(operations, count, wanted);
}

Access described_group(rd_kafka_t* client, const std::string& name) {
  std::array<const char*, 1> names{name.c_str()};
  const AdminAnswer answer = admin_call(
      client, asking_for_rights(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS),
      [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DescribeConsumerGroups(client, names.data(), names.size(), options, queue);
      });
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return Access::unknown;
  std::size_t count = 0;
  const auto* const* const described = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answer.event.get()), &count);
  if (count != 1) return Access::unknown;
  const auto* const operations =
      rd_kafka_ConsumerGroupDescription_authorized_operations(described[0], &count);
  return access_in(operations, count, RD_KAFKA_ACL_OPERATION_READ);
}

#else  // it cannot ask

Access described_topic(rd_kafka_t* /*client*/, const std::string& /*name*/,
                       rd_kafka_AclOperation_t /*wanted*/) {
  return Access::unknown;
}

Access described_group(rd_kafka_t* /*client*/, const std::string& /*name*/) {
  return Access::unknown;
}

#endif

// At the end of a partition, where a fetch that is allowed most likely brings nothing.
Access fetch_attempt(rd_kafka_t* client, const std::string& name) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const QueueHandle queue(rd_kafka_queue_new(client));
  if (rd_kafka_consume_start_queue(topic.get(), 0, RD_KAFKA_OFFSET_END, queue.get()) != 0) {
    return Access::unknown;
  }
  const MessageHandle message(rd_kafka_consume_queue(queue.get(), kProbeTimeoutMs));
  const auto error = message ? message->err : RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_consume_stop(topic.get(), 0);
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return Access::granted;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return Access::denied;
    default:
      return Access::unknown;
  }
}

}  // namespace

Access may_read_topic(rd_kafka_t* client, const std::string& name) {
  const Access described = described_topic(client, name, RD_KAFKA_ACL_OPERATION_READ);
  return described != Access::unknown ? described : fetch_attempt(client, name);
}

Access may_write_topic(rd_kafka_t* client, const std::string& name) {
  return described_topic(client, name, RD_KAFKA_ACL_OPERATION_WRITE);
}

Access may_join_group(rd_kafka_t* client, const std::string& name) {
  return described_group(client, name);
}

}  // namespace sluice::kafka
