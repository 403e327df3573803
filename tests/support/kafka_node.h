// One Java virtual machine that runs Apache Kafka: what KafkaBroker and KafkaCluster are made of.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {

// The jars come from $SLUICE_KAFKA_LIB, or from scripts/kafka-dist. Failures throw
// std::runtime_error with the end of the node's log. Not thread-safe; make it, and start it, on the
// main thread (see ChildProcess).
class KafkaNode {
 public:
  struct Options {
    int id = 1;
    std::string address = {};                            // of its listener in clear
    std::map<std::string, std::string> properties = {};  // all but node.id and log.dirs
    std::vector<std::string> format = {};  // further arguments of StorageTool's format
    std::string heap = "512m";
  };

  // Begins to format the storage and returns.
  explicit KafkaNode(Options options);

  int id() const { return options_.id; }
  const std::string& address() const { return options_.address; }
  bool running() { return process_ && process_->running(); }
  bool answering() { return running() && !paused_; }

  // Starts the process and does not wait for it. Nothing while it runs.
  void launch();
  // Returns when its metadata has the node itself among the brokers.
  void wait_until_it_answers();
  void start();  // both
  // Orderly and abrupt ends. start() after either is on the same port and data.
  void stop();
  void kill();
  // The process stands still (SIGSTOP) with all its connections open, then goes on.
  void pause();
  void resume();

 private:
  void write_files() const;
  ChildProcess::Options java(std::vector<std::string> arguments, const std::string& log) const;
  [[noreturn]] void fail(const std::string& what) const;

  const Options options_;
  const TempDir dir_;
  std::optional<ChildProcess> format_;
  std::optional<ChildProcess> process_;
  bool paused_ = false;
};

// What a node that is a controller as well needs to be fit for tests, but for its own listeners.
// `replication`: of the topics that Kafka keeps for itself.
std::map<std::string, std::string> node_defaults(int replication);

// Runs one of Kafka's own tools, such as {"org.apache.kafka.tools.LeaderElectionCommand", ...}:
// about two seconds. Throws, with what it printed, when it fails.
void run_kafka_tool(const std::vector<std::string>& arguments);

}  // namespace sluice::test
