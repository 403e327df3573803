#include "kafka/cluster_groups.h"

#include <array>
#include <span>
#include <utility>

#include "kafka/admin_call.h"
#include "kafka/cluster_errors.h"
#include "kafka/consumer_impl.h"

namespace sluice::kafka {
namespace {

using GroupOffsetsHandle = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                           Destroy<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using Description = rd_kafka_ConsumerGroupDescription_t;

GroupFacts facts_of(const Description* description) {
  GroupFacts facts;
  const auto state = rd_kafka_ConsumerGroupDescription_state(description);
  // A broker before 4.0 calls a group dead that it does not know.
  if (state == RD_KAFKA_CONSUMER_GROUP_STATE_DEAD) return facts;
  facts.presence = Presence::found;
  facts.state = rd_kafka_consumer_group_state_name(state);
  facts.members = rd_kafka_ConsumerGroupDescription_member_count(description);
  for (std::size_t i = 0; i < facts.members; ++i) {
    const char* const id = rd_kafka_MemberDescription_group_instance_id(
        rd_kafka_ConsumerGroupDescription_member(description, i));
    if (id != nullptr) facts.instance_ids.emplace_back(id);
  }
  return facts;
}

tl::expected<GroupFacts, rd_kafka_resp_err_t> describe_once(rd_kafka_t* client,
                                                            const std::string& name) {
  const auto described = describe_group(client, name);
  if (!described) return tl::unexpected(described.error());
  return facts_of(described->description);
}

bool is_getting_ready(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
}

Result<GroupFacts> describe(rd_kafka_t* client, const std::string& name) {
  constexpr int kWaitMs = 250;
  auto facts = describe_once(client, name);
  // The first question for a group makes a new cluster create the topic that groups are kept in.
  for (int waited = 0; !facts && is_getting_ready(facts.error()) && waited < kProbeTimeoutMs;
       waited += kWaitMs) {
    rd_kafka_poll(client, kWaitMs);
    facts = describe_once(client, name);
  }
  if (facts) return *facts;
  switch (facts.error()) {
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
      return GroupFacts{};
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return GroupFacts{Presence::hidden, {}, {}, {}, {}};
    default:
      return cannot_ask("group " + name, facts.error());
  }
}

Result<std::map<TopicPartition, std::int64_t>> offsets_in(
    const std::string& name, const rd_kafka_topic_partition_list_t& list) {
  std::map<TopicPartition, std::int64_t> offsets;
  for (const auto& entry : std::span(list.elems, static_cast<std::size_t>(list.cnt))) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return cannot_ask("group " + name, entry.err);
    if (entry.offset >= 0) offsets[{entry.topic, entry.partition}] = entry.offset;
  }
  return offsets;
}

Result<std::map<TopicPartition, std::int64_t>> committed(
    rd_kafka_t* client, const std::string& name, const std::vector<TopicPartition>& partitions) {
  const GroupOffsetsHandle wanted(
      rd_kafka_ListConsumerGroupOffsets_new(name.c_str(), to_list(partitions).get()));
  std::array<rd_kafka_ListConsumerGroupOffsets_t*, 1> groups{wanted.get()};
  const AdminAnswer answer = admin_call(
      client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
      [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ListConsumerGroupOffsets(client, groups.data(), groups.size(), options, queue);
      });
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return cannot_ask("group " + name, answer.error);
  std::size_t count = 0;
  const rd_kafka_group_result_t* const result = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(answer.event.get()), &count)[0];
  if (const auto* const error = rd_kafka_group_result_error(result)) {
    return cannot_ask("group " + name, rd_kafka_error_code(error));
  }
  return offsets_in(name, *rd_kafka_group_result_partitions(result));
}

}  // namespace

tl::expected<GroupDescription, rd_kafka_resp_err_t> describe_group(rd_kafka_t* client,
                                                                   const std::string& name) {
  std::array<const char*, 1> names{name.c_str()};
  AdminAnswer answer = admin_call(
      client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
      [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DescribeConsumerGroups(client, names.data(), names.size(), options, queue);
      });
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(answer.error);
  std::size_t count = 0;
  const Description* const description = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answer.event.get()), &count)[0];
  if (const auto* const error = rd_kafka_ConsumerGroupDescription_error(description)) {
    return tl::unexpected(rd_kafka_error_code(error));
  }
  return GroupDescription{std::move(answer.event), description};
}

Result<GroupFacts> group_facts(rd_kafka_t* client, const std::string& name,
                               const std::vector<TopicPartition>& partitions) {
  auto facts = describe(client, name);
  if (!facts || facts->presence != Presence::found || partitions.empty()) return facts;
  auto offsets = committed(client, name, partitions);
  if (!offsets) return tl::unexpected(offsets.error());
  facts->committed = std::move(*offsets);
  return facts;
}

}  // namespace sluice::kafka
