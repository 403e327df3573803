// A real Apache Kafka of several nodes, for tests that take them away one by one.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "support/kafka_node.h"

namespace sluice::test {

// Nodes go by their ids, 1 and up; each is a broker and a controller, so more than half of them
// must be up for anything to change. Kafka's own topics are replicated to all. All nodes answer
// when the constructor returns; gone, data and all, after the destructor. See KafkaNode.
class KafkaCluster {
 public:
  // `properties` are broker properties on top of the defaults (auto.create.topics.enable=false).
  explicit KafkaCluster(int nodes = 3, std::map<std::string, std::string> properties = {});

  int size() const { return static_cast<int>(nodes_.size()); }
  // Every node's address, whether it is up or not.
  std::string brokers() const;
  KafkaNode& node(int id);

  // All nodes at once: their power fails, and comes back.
  void kill();
  void start();

  // See kafka_admin.h. The configuration decides what a lost leader means, such as
  // min.insync.replicas and unclean.leader.election.enable.
  void create_topic(const std::string& name, int partitions, int replication,
                    const std::map<std::string, std::string>& configs = {}) const;
  // Returns when in the eyes of every node all nodes are up and every partition, Kafka's own
  // included, has a leader and all its replicas in sync.
  void wait_until_all_in_sync();

  // The node; 0: none at present. As some node that is up sees it, which after a failure may be
  // the past.
  int leader_of(const std::string& topic, std::int32_t partition) const;
  int coordinator_of(const std::string& group) const;
  // All replicas must be in sync, and `node` one of them. Returns when every node that is up knows
  // of it, after some four seconds.
  void move_leader(const std::string& topic, std::int32_t partition, int node);

 private:
  void make_nodes();
  bool all_in_sync(const KafkaNode& node) const;

  std::map<std::string, std::string> properties_;
  int count_;
  std::list<KafkaNode> nodes_;
};

}  // namespace sluice::test
