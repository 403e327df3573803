// What an operator does to topics, records and commits. Each of these returns when it is done and,
// of topics and partitions, every one of `brokers` that answers knows of it. Throws
// std::runtime_error when it was refused or does not come about.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace sluice::test {

struct NewTopic {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> configs = {};
};
void create_topic(const std::string& brokers, const NewTopic& topic);
void delete_topic(const std::string& brokers, const std::string& topic);
// `partitions`: how many there are to be, the present ones included.
void add_partitions(const std::string& brokers, const std::string& topic, int partitions);

// What `configs` does not name goes back to its default. The brokers act on it a moment later.
void alter_topic_config(const std::string& brokers, const std::string& topic,
                        const std::map<std::string, std::string>& configs);

void delete_records(const std::string& brokers, const std::string& topic, std::int32_t partition,
                    std::int64_t before_offset);
// Kafka refuses while a member of the group is subscribed to the topic.
void delete_group_offsets(const std::string& brokers, const std::string& group,
                          const std::string& topic);

}  // namespace sluice::test
