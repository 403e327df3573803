// A cluster of three that is taken apart node by node.
#include <csignal>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <thread>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/kafka_cluster.h"
#include "support/rdkafka_handles.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kNodes = 3;

// The session is longer than the faults: none may cost the membership, nor repeat anything.
Setup replicated(std::int32_t partitions = 4) {
  Setup setup;
  setup.partitions = partitions;
  setup.replicas = kNodes;
  setup.topic_configs = {{"min.insync.replicas", "2"}};
  setup.kafka =
      "session.timeout.ms: 45000, reconnect.backoff.max.ms: 1000, "
      "topic.metadata.refresh.interval.ms: 5000";
  return setup;
}

std::int64_t committed_of(const Trial& trial) {
  const auto offsets = test::committed_offsets(trial.brokers(), trial.group(), trial.topic());
  return std::accumulate(offsets.begin(), offsets.end(), std::int64_t{0});
}

void require_commits(const Trial& trial, const std::string& when) {
  const std::int64_t before = committed_of(trial);
  const auto more = [&] { return committed_of(trial) > before; };
  Trial::require(test::eventually(more, seconds(20), milliseconds(100)), "no commit " + when);
}

void restart_one_by_one(Run& run) {
  test::KafkaCluster cluster(kNodes);
  Trial trial(run, cluster.brokers(), replicated());
  trial.start();
  for (int id = 1; id <= kNodes; ++id) {
    cluster.node(id).stop();
    Trial::require(trial.flows(), "nothing flows without node " + std::to_string(id));
    cluster.node(id).start();
    cluster.wait_until_all_in_sync();
  }
  trial.finish();
}

// One that it is not, and that is up.
int other_than(int node) { return node % kNodes + 1; }

// The coordinator leads no partition: it is gone, and fetching goes on. Everybody is to have found
// the new leaders first: what the feed still had at one that freezes would wait there for a minute.
void part_leaders_from_coordinator(test::KafkaCluster& cluster, Trial& trial, int coordinator) {
  for (std::int32_t partition = 0; partition < 2; ++partition) {
    if (cluster.leader_of(trial.topic(), partition) == coordinator) {
      cluster.move_leader(trial.topic(), partition, other_than(coordinator));
    }
  }
  Trial::require(trial.flows(), "nothing flows from leaders that have moved");
}

int next_coordinator(const test::KafkaCluster& cluster, const Trial& trial, int old) {
  int now = 0;
  const auto moved = [&] {
    try {
      now = cluster.coordinator_of(trial.group());
    } catch (const std::runtime_error&) {
      now = 0;  // it asked the node that is gone
    }
    return now != 0 && now != old;
  };
  Trial::require(test::eventually(moved, seconds(40), milliseconds(100)),
                 "the coordinator does not move");
  return now;
}

void lose_the_coordinator(Run& run) {
  test::KafkaCluster cluster(kNodes);
  Setup setup = replicated(2);
  setup.kafka += ", socket.timeout.ms: 8000";  // until one that is frozen is given up
  setup.max_unconfirmed = 500;                 // what is fetched can be sent without commits
  Trial trial(run, cluster.brokers(), setup);
  trial.start();
  const int first = cluster.coordinator_of(trial.group());
  part_leaders_from_coordinator(cluster, trial, first);
  cluster.node(first).kill();
  // Longer than the 3 s in which the leaders wait for a follower that is gone.
  Trial::require(trial.flows(seconds(10)), "fetching waits for the coordinator");
  const int second = next_coordinator(cluster, trial, first);
  require_commits(trial, "at the new coordinator");
  cluster.node(first).start();
  cluster.wait_until_all_in_sync();

  part_leaders_from_coordinator(cluster, trial, second);
  cluster.node(second).pause();
  next_coordinator(cluster, trial, second);
  Trial::require(trial.flows(), "nothing flows with the old coordinator frozen");
  cluster.node(second).resume();
  cluster.wait_until_all_in_sync();
  require_commits(trial, "after the second move");
  trial.note("coordinator: node " + std::to_string(first) + ", killed; node " +
             std::to_string(second) + ", frozen; then node " +
             std::to_string(cluster.coordinator_of(trial.group())));
  trial.finish();
}

void move_and_kill_leaders(Run& run) {
  test::KafkaCluster cluster(kNodes);
  Trial trial(run, cluster.brokers(), replicated(2));
  trial.start();
  for (std::int32_t partition = 0; partition < 2; ++partition) {
    const int led_by = cluster.leader_of(trial.topic(), partition);
    cluster.move_leader(trial.topic(), partition, other_than(led_by));
    Trial::require(trial.flows(), "nothing flows from a leader that has moved");
  }
  const int led_by = cluster.leader_of(trial.topic(), 0);
  cluster.node(led_by).kill();
  Trial::require(trial.flows(), "nothing flows after the leader was killed");
  Trial::require(cluster.leader_of(trial.topic(), 0) != led_by, "the leader was not replaced");
  cluster.node(led_by).start();
  cluster.wait_until_all_in_sync();
  trial.finish();
}

void cut_the_power(Run& run) {
  test::KafkaCluster cluster(kNodes);
  Trial trial(run, cluster.brokers(), replicated());
  trial.start();
  cluster.kill();
  Trial::require(says(trial.sluice(), "\"state\": \"broker_unreachable\""),
                 "/status does not name the brokers");
  cluster.start();
  trial.heal();
  Trial::require(trial.flows(), "nothing flows with the power back");
  trial.finish();
}

int follower_of(const test::KafkaCluster& cluster, const Trial& trial) {
  const test::RdKafka client = test::make_client(RD_KAFKA_PRODUCER, cluster.brokers());
  const test::RdMetadata metadata =
      test::fetch_metadata(client.get(), trial.topic(), test::kCallTimeoutMs);
  const auto& partition = metadata->topics[0].partitions[0];
  for (int i = 0; i < partition.replica_cnt; ++i) {
    if (partition.replicas[i] != partition.leader) return partition.replicas[i];
  }
  throw std::runtime_error("the partition has no follower");
}

// Two replicas of three nodes: there is a majority to elect a leader when one node is gone, and
// nobody but the follower to be elected. It does not have what the leader wrote without it.
std::int64_t truncate(
    test::KafkaCluster& cluster, Trial& trial,
    const std::function<void()>& before_the_loss = [] {}) {
  const int leader = cluster.leader_of(trial.topic(), 0);
  const int follower = follower_of(cluster, trial);
  trial.feed().stop();
  wait_until_all_is_done(trial);
  cluster.node(follower).stop();
  trial.feed().add(300);
  wait_until_all_is_done(trial);
  const std::int64_t committed = committed_of(trial);
  before_the_loss();
  cluster.node(leader).kill();
  cluster.node(follower).start();
  const auto elected = [&] { return cluster.leader_of(trial.topic(), 0) == follower; };
  Trial::require(test::eventually(elected, seconds(40), milliseconds(100)),
                 "the follower is not elected");
  cluster.node(leader).start();
  cluster.wait_until_all_in_sync();
  Trial::require(test::end_offsets(trial.brokers(), trial.topic()).front() < committed,
                 "the new leader's log is not shorter");
  return committed;
}

Setup unclean() {
  Setup setup = replicated(1);
  setup.replicas = 2;
  setup.topic_configs = {{"unclean.leader.election.enable", "true"}, {"min.insync.replicas", "1"}};
  return setup;
}

// Its commit is beyond the end of the log. It must not go on as if that were nothing: what is
// written now stands in front of the commit.
void lose_the_end_of_the_log(Run& run) {
  test::KafkaCluster cluster(kNodes);
  Trial trial(run, cluster.brokers(), unclean());
  trial.start();
  const std::int64_t committed = truncate(cluster, trial);
  Trial::require(stands(trial.sluice(), 0, "offset_out_of_range"),
                 "/status does not say that the log was cut off");
  trial.note("committed " + std::to_string(committed) + ", the log ends at " +
             std::to_string(test::end_offsets(trial.brokers(), trial.topic()).front()));
  trial.feed().use_partitions(1);
  const auto resume_at = test::end_offsets(trial.brokers(), trial.topic()).front();
  trial.feed().add(20);
  const std::size_t before = trial.api().batch_count();
  std::this_thread::sleep_for(seconds(2));
  Trial::require(trial.api().batch_count() == before, "it goes on by itself beyond the log's end");
  resume_from(trial, 0, std::to_string(resume_at));
  trial.feed().start();
  trial.finish();
}

// The same, unseen, and the new log grows beyond the commit: what stands in front of it there was
// never read. librdkafka tells by the leaders' epochs, from 2.1 on; what Sluice cannot see below
// that stands in docs/reliability.md, "What is not caught".
void lose_the_end_unseen(Run& run) {
  if (rd_kafka_version() < 0x020100ff) {
    run.result.tried = false;
    run.result.notes.push_back(std::string("not tried: librdkafka ") + rd_kafka_version_str() +
                               " does not see it");
    return;
  }
  test::KafkaCluster cluster(kNodes);
  Trial trial(run, cluster.brokers(), unclean());
  trial.start();
  const std::int64_t committed = truncate(cluster, trial, [&] { trial.sluice().signal(SIGSTOP); });
  const std::int64_t cut_at = test::end_offsets(trial.brokers(), trial.topic()).front();
  trial.feed().use_partitions(1);
  trial.feed().add(1000);
  Trial::require(test::end_offsets(trial.brokers(), trial.topic()).front() > committed,
                 "the new log does not reach the commit");
  trial.sluice().signal(SIGCONT);
  Trial::require(stands(trial.sluice(), 0, "offset_out_of_range"),
                 "/status does not say that the log was cut off");
  resume_from(trial, 0, std::to_string(cut_at));
  trial.finish({.losses = 1});
}

}  // namespace

std::vector<Scenario> cluster_scenarios() {
  return {{.name = "cluster-rolling",
           .weight = Weight::full,
           .cases = {3, 4},
           .what = "three brokers are restarted one after another; nothing is repeated",
           .play = restart_one_by_one},
          {.name = "cluster-coordinator",
           .weight = Weight::full,
           .cases = {4, 15},
           .what = "the coordinator is killed, its successor frozen; fetching and commits go on",
           .play = lose_the_coordinator},
          {.name = "cluster-leaders",
           .weight = Weight::full,
           .cases = {5},
           .what = "leaders are moved, then one is killed",
           .play = move_and_kill_leaders},
          {.name = "cluster-truncated",
           .weight = Weight::full,
           .cases = {5, 7},
           .what = "an unclean leader has not what was committed; parked and named, then resumed",
           .play = lose_the_end_of_the_log},
          {.name = "cluster-truncated-unseen",
           .weight = Weight::full,
           .cases = {5},
           .what = "the same unseen, and the new log grows beyond the commit",
           .play = lose_the_end_unseen},
          {.name = "cluster-power-cut",
           .weight = Weight::full,
           .cases = {1, 3},
           .what = "all brokers are killed at once and started again",
           .play = cut_the_power}};
}

}  // namespace sluice::fault
