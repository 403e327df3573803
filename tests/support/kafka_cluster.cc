#include "support/kafka_cluster.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/eventually.h"
#include "support/free_port.h"
#include "support/kafka_admin.h"
#include "support/kafka_admin_call.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

constexpr int kStartTries = 3;  // another process may take a port between our look and Java's bind
constexpr auto kSyncTimeout = std::chrono::seconds(60);

std::string on_loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

bool in_sync(const rd_kafka_metadata_topic_t& topic) {
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = topic.partitions[i];
    if (partition.leader < 0 || partition.isr_cnt != partition.replica_cnt) return false;
  }
  return true;
}

// 0: none.
int leader_by(const std::string& brokers, const std::string& topic, std::int32_t partition) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers);
  const RdMetadata metadata = fetch_metadata(client.get(), topic, kCallTimeoutMs);
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  require(found.err, "leader of " + topic);
  if (partition >= found.partition_cnt) throw std::runtime_error(topic + ": no such partition");
  return std::max(0, found.partitions[partition].leader);
}

// The replicas of a partition, the wanted leader first.
std::vector<std::int32_t> replicas_led_by(int node, const rd_kafka_metadata_partition_t& now) {
  std::vector<std::int32_t> replicas(now.replicas, now.replicas + now.replica_cnt);
  const auto found = std::find(replicas.begin(), replicas.end(), node);
  if (found == replicas.end()) throw std::runtime_error("the new leader has no replica");
  std::iter_swap(found, replicas.begin());
  return replicas;
}

std::string partition_json(const std::string& topic, std::int32_t partition,
                           const std::string& more) {
  return R"({"version":1,"partitions":[{"topic":")" + topic + R"(","partition":)" +
         std::to_string(partition) + more + "}]}";
}

std::string replicas_json(const std::vector<std::int32_t>& replicas) {
  std::string text;
  for (const std::int32_t id : replicas) text += (text.empty() ? "" : ",") + std::to_string(id);
  return R"(,"replicas":[)" + text + "]";
}

}  // namespace

KafkaCluster::KafkaCluster(int nodes, std::map<std::string, std::string> properties)
    : properties_(std::move(properties)), count_(nodes) {
  for (int tries = 1;; ++tries) {
    make_nodes();
    try {
      start();
      wait_until_all_in_sync();
      return;
    } catch (const std::runtime_error&) {
      const bool all_run =
          std::all_of(nodes_.begin(), nodes_.end(), [](KafkaNode& node) { return node.running(); });
      if (tries == kStartTries || all_run) throw;
    }
  }
}

// They format their storage side by side.
void KafkaCluster::make_nodes() {
  nodes_.clear();
  std::vector<std::uint16_t> controller_ports;
  std::string voters;
  for (int id = 1; id <= count_; ++id) {
    controller_ports.push_back(free_port());
    voters +=
        (id == 1 ? "" : ",") + std::to_string(id) + "@" + on_loopback(controller_ports.back());
  }
  for (int id = 1; id <= count_; ++id) {
    const std::string address = on_loopback(free_port());
    const std::string controller = on_loopback(controller_ports[static_cast<std::size_t>(id - 1)]);
    std::map<std::string, std::string> all = node_defaults(count_);
    all["controller.quorum.voters"] = voters;
    all["listeners"] = "PLAINTEXT://" + address + ",CONTROLLER://" + controller;
    all["advertised.listeners"] = "PLAINTEXT://" + address;
    for (const auto& [name, value] : properties_) all[name] = value;
    nodes_.emplace_back(
        KafkaNode::Options{.id = id, .address = address, .properties = all, .heap = "256m"});
  }
}

std::string KafkaCluster::brokers() const {
  std::string all;
  for (const KafkaNode& node : nodes_) all += (all.empty() ? "" : ",") + node.address();
  return all;
}

KafkaNode& KafkaCluster::node(int id) {
  for (KafkaNode& node : nodes_) {
    if (node.id() == id) return node;
  }
  throw std::runtime_error("there is no node " + std::to_string(id));
}

void KafkaCluster::kill() {
  for (KafkaNode& node : nodes_) node.kill();
}

// None answers before most of them run.
void KafkaCluster::start() {
  for (KafkaNode& node : nodes_) node.launch();
  for (KafkaNode& node : nodes_) node.wait_until_it_answers();
}

void KafkaCluster::create_topic(const std::string& name, int partitions, int replication,
                                const std::map<std::string, std::string>& configs) const {
  test::create_topic(
      brokers(),
      {.name = name, .partitions = partitions, .replication = replication, .configs = configs});
}

void KafkaCluster::wait_until_all_in_sync() {
  const auto agreed = [this] {
    return std::all_of(nodes_.begin(), nodes_.end(),
                       [this](const KafkaNode& node) { return all_in_sync(node); });
  };
  if (!eventually(agreed, kSyncTimeout, std::chrono::milliseconds(100))) {
    throw std::runtime_error("the cluster's replicas do not come to be in sync");
  }
}

// A client that is new asks the one node it knows.
bool KafkaCluster::all_in_sync(const KafkaNode& node) const {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, node.address());
  try {
    const RdMetadata metadata = fetch_metadata(client.get(), "", 2000);
    return metadata->broker_cnt == size() &&
           std::all_of(metadata->topics, metadata->topics + metadata->topic_cnt, in_sync);
  } catch (const std::runtime_error&) {
    return false;  // it does not answer
  }
}

int KafkaCluster::leader_of(const std::string& topic, std::int32_t partition) const {
  return leader_by(brokers(), topic, partition);
}

int KafkaCluster::coordinator_of(const std::string& group) const {
  const AdminCall call(
      brokers(), "describe group " + group, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        std::array<const char*, 1> groups{group.c_str()};
        rd_kafka_DescribeConsumerGroups(client, groups.data(), groups.size(), nullptr, queue);
      });
  std::size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** const described =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(call.result.get()), &count);
  if (count != 1 || rd_kafka_ConsumerGroupDescription_error(described[0]) != nullptr) return 0;
  const rd_kafka_Node_t* const node = rd_kafka_ConsumerGroupDescription_coordinator(described[0]);
  return node == nullptr ? 0 : rd_kafka_Node_id(node);
}

// Kafka's way: the wanted one becomes the preferred one, and then the preferred one the leader.
void KafkaCluster::move_leader(const std::string& topic, std::int32_t partition, int node) {
  const TempDir dir;
  {
    const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers());
    const RdMetadata metadata = fetch_metadata(client.get(), topic, kCallTimeoutMs);
    const std::vector<std::int32_t> replicas =
        replicas_led_by(node, metadata->topics[0].partitions[partition]);
    std::ofstream(dir.path() / "order")
        << partition_json(topic, partition, replicas_json(replicas));
    std::ofstream(dir.path() / "elect") << partition_json(topic, partition, "");
  }
  run_kafka_tool({"org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--bootstrap-server",
                  brokers(), "--reassignment-json-file", (dir.path() / "order").string(),
                  "--execute"});
  run_kafka_tool({"org.apache.kafka.tools.LeaderElectionCommand", "--bootstrap-server", brokers(),
                  "--election-type", "preferred", "--path-to-json-file",
                  (dir.path() / "elect").string()});
  const auto agreed = [&] {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](KafkaNode& each) {
      return !each.answering() || leader_by(each.address(), topic, partition) == node;
    });
  };
  if (!eventually(agreed, kSyncTimeout)) {
    throw std::runtime_error("the leader of " + topic + " does not move");
  }
}

}  // namespace sluice::test
