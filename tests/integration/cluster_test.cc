// The cluster that other tests take apart, and the operator's tools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"
#include "support/kafka_cluster.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AnyOf;
using testing::ElementsAre;
using testing::SizeIs;

class Cluster : public testing::Test {
 protected:
  static KafkaCluster& cluster() {
    static KafkaCluster made;
    return made;
  }
  // What it is when it is another than `old`, which may take a node's session.
  static int next_leader(const std::string& topic, int old) {
    int leader = 0;
    eventually(
        [&] {
          leader = cluster().leader_of(topic, 0);
          return leader != 0 && leader != old;
        },
        seconds(20));
    return leader;
  }
  static std::size_t records_in(const std::string& topic) {
    return read_topic(cluster().brokers(), topic).size();
  }
};

TEST_F(Cluster, AKilledLeaderIsReplacedAndComesBack) {
  cluster().create_topic("led", 1, 3, {{"min.insync.replicas", "2"}});
  produce(cluster().brokers(), "led", {{.value = "before"}});
  const int first = cluster().leader_of("led", 0);
  EXPECT_THAT(first, AnyOf(1, 2, 3));

  cluster().node(first).kill();
  EXPECT_FALSE(cluster().node(first).running());
  const int second = next_leader("led", first);
  EXPECT_THAT(second, AnyOf(1, 2, 3));
  EXPECT_NE(second, first);
  produce(cluster().brokers(), "led", {{.value = "meanwhile"}});

  cluster().node(first).start();
  cluster().wait_until_all_in_sync();
  EXPECT_EQ(cluster().leader_of("led", 0), second);
  EXPECT_EQ(records_in("led"), 2U);
}

TEST_F(Cluster, TopicsGrowAndVanish) {
  const std::string brokers = cluster().brokers();
  create_topic(brokers, {.name = "grown", .partitions = 1, .replication = 2});
  add_partitions(brokers, "grown", 3);
  EXPECT_THAT(end_offsets(brokers, "grown"), ElementsAre(0, 0, 0));
  EXPECT_THROW(add_partitions(brokers, "grown", 2), std::runtime_error);
  delete_topic(brokers, "grown");
  EXPECT_THROW(end_offsets(brokers, "grown"), std::runtime_error);
  EXPECT_THROW(delete_topic(brokers, "grown"), std::runtime_error);
}

TEST_F(Cluster, ATopicsConfigurationChanges) {
  const std::string brokers = cluster().brokers();
  cluster().create_topic("changed", 1, 3, {{"max.message.bytes", "1000"}});
  const NewRecord big{.value = std::string(5000, 'x')};
  EXPECT_THROW(produce(brokers, "changed", {big}), std::runtime_error);
  alter_topic_config(brokers, "changed", {{"max.message.bytes", "100000"}});
  const auto taken = [&] {
    try {
      produce(brokers, "changed", {big});
      return true;
    } catch (const std::runtime_error&) {
      return false;  // its leader has not heard of it
    }
  };
  EXPECT_TRUE(eventually(taken, seconds(10)));
  EXPECT_THROW(alter_topic_config(brokers, "changed", {{"max.message.bytes", "many"}}),
               std::runtime_error);
}

TEST_F(Cluster, DeletedCommitsAreGone) {
  const std::string brokers = cluster().brokers();
  cluster().create_topic("committed", 2, 3);
  commit_offsets(brokers, "leavers", "committed", {3, 4});
  EXPECT_THAT(committed_offsets(brokers, "leavers", "committed"), ElementsAre(3, 4));
  delete_group_offsets(brokers, "leavers", "committed");
  EXPECT_THAT(committed_offsets(brokers, "leavers", "committed"), ElementsAre(-1, -1));
}

}  // namespace
}  // namespace sluice::test
