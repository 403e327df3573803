#include <array>

#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

GroupMember copy_of(const rd_kafka_MemberDescription_t* described) {
  GroupMember member;
  member.id = text_of(rd_kafka_MemberDescription_consumer_id(described));
  member.client_id = text_of(rd_kafka_MemberDescription_client_id(described));
  member.instance_id = text_of(rd_kafka_MemberDescription_group_instance_id(described));
  const rd_kafka_MemberAssignment_t* const assignment =
      rd_kafka_MemberDescription_assignment(described);
  if (assignment == nullptr) return member;
  const rd_kafka_topic_partition_list_t* const partitions =
      rd_kafka_MemberAssignment_partitions(assignment);
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    member.assignment.emplace_back(partitions->elems[i].topic, partitions->elems[i].partition);
  }
  return member;
}

}  // namespace

std::vector<GroupMember> group_members(const std::string& brokers, const std::string& group) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers);
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  std::array<const char*, 1> groups{group.c_str()};
  rd_kafka_DescribeConsumerGroups(client.get(), groups.data(), groups.size(), nullptr, queue.get());
  const RdEvent event(rd_kafka_queue_poll(queue.get(), kCallTimeoutMs));
  if (!event) throw std::runtime_error("describe group " + group + ": no answer");
  require(rd_kafka_event_error(event.get()), "describe group " + group);
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** const described =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  std::vector<GroupMember> members;
  for (std::size_t i = 0;
       count == 1 && i < rd_kafka_ConsumerGroupDescription_member_count(described[0]); ++i) {
    members.push_back(copy_of(rd_kafka_ConsumerGroupDescription_member(described[0], i)));
  }
  return members;
}

bool wait_for_members(const std::string& brokers, const std::string& group, std::size_t members,
                      std::chrono::milliseconds timeout) {
  const auto complete = [&] {
    const std::vector<GroupMember> present = group_members(brokers, group);
    if (present.size() != members) return false;
    for (const GroupMember& member : present) {
      if (member.assignment.empty()) return false;
    }
    return true;
  };
  return eventually(complete, timeout, std::chrono::milliseconds(100));
}

}  // namespace sluice::test
