// A cluster that says what a test wants to hear.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/cluster_probe.h"

namespace sluice::check {

class FakeCluster final : public kafka::ClusterProbe {
 public:
  Result<kafka::ClusterFacts> facts = kafka::ClusterFacts{"the-id", {{"one:9092", ""}}};
  std::map<std::string, kafka::TopicFacts> topics;  // the others are missing
  std::map<std::string, kafka::GroupFacts> groups;
  std::map<TopicPartition, kafka::OffsetRange> ranges;
  std::map<std::string, std::optional<kafka::TopicSettings>> settings;  // the others: Kafka's own
  std::map<std::string, kafka::Access> reads, writes, joins;            // the others are granted

  void add_topic(const std::string& name, std::int32_t partitions) {
    topics[name] = {kafka::Presence::found, partitions, 0};
  }

  Result<kafka::ClusterFacts> cluster() override { return facts; }
  Result<std::vector<std::string>> topic_names() override {
    std::vector<std::string> names;
    for (const auto& [name, topic] : topics) names.push_back(name);
    return names;
  }
  Result<kafka::TopicFacts> topic(const std::string& name) override {
    return found_in(topics, name, kafka::TopicFacts{});
  }
  Result<kafka::GroupFacts> group(const std::string& name,
                                  const std::vector<TopicPartition>& /*partitions*/) override {
    return found_in(groups, name, kafka::GroupFacts{});
  }
  Result<kafka::OffsetRange> range(const TopicPartition& partition) override {
    return found_in(ranges, partition, kafka::OffsetRange{});
  }
  std::optional<kafka::TopicSettings> topic_settings(const std::string& name) override {
    return found_in(settings, name, std::optional(kafka::TopicSettings{1048588, false}));
  }
  kafka::Access read_topic(const std::string& name) override {
    return found_in(reads, name, kafka::Access::granted);
  }
  kafka::Access write_topic(const std::string& name) override {
    return found_in(writes, name, kafka::Access::granted);
  }
  kafka::Access join_group(const std::string& name) override {
    return found_in(joins, name, kafka::Access::granted);
  }

 private:
  template <class Map, class Key, class Value>
  static Value found_in(const Map& map, const Key& key, Value otherwise) {
    const auto found = map.find(key);
    return found == map.end() ? otherwise : found->second;
  }
};

}  // namespace sluice::check
