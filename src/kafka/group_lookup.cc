#include "kafka/group_lookup.h"

#include <utility>

#include "kafka/cluster_errors.h"
#include "kafka/cluster_groups.h"
#include "kafka/consumer_impl.h"

namespace sluice::kafka {

Result<GroupAssignment> group_assignment(const Consumer& consumer, const std::string& group) {
  const auto described = describe_group(consumer.impl().client.get(), group);
  if (!described) return cannot_ask("group " + group, described.error());
  const auto* const description = described->description;
  GroupAssignment facts;
  facts.stable =
      rd_kafka_ConsumerGroupDescription_state(description) == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE;
  const std::size_t members = rd_kafka_ConsumerGroupDescription_member_count(description);
  for (std::size_t i = 0; i < members; ++i) {
    const auto* const member = rd_kafka_ConsumerGroupDescription_member(description, i);
    if (const char* const id = rd_kafka_MemberDescription_group_instance_id(member)) {
      facts.instance_ids.emplace_back(id);
    }
    const auto* const assignment = rd_kafka_MemberDescription_assignment(member);
    if (assignment == nullptr) continue;
    const auto* const partitions = rd_kafka_MemberAssignment_partitions(assignment);
    if (partitions == nullptr) continue;
    for (auto& of : from_list(*partitions)) facts.owned.insert(std::move(of));
  }
  return facts;
}

}  // namespace sluice::kafka
