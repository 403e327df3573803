// What goes on around Sluice while something happens to it: records that keep coming, and an eye
// on its commits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "integration/recording_api.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"

namespace sluice::test {

// Writes numbered records, as produce_numbered() does, evenly to all partitions of an empty topic
// until it is stopped. An outage of the broker delays them.
class Load {
 public:
  Load(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions,
       std::int64_t per_second);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // How many records there are, all partitions together; returns when the broker has all of them.
  std::size_t stop();

 private:
  void run(std::int64_t per_second);
  void end();

  const std::string topic_;
  const std::int32_t partitions_;
  TopicWriter writer_;
  std::int64_t each_ = 0;  // of the thread while it runs
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Looks at the commits of group_of(topic) again and again: none may go back, and none may cover a
// record that `api` has not taken. For topics whose numbers are their offsets.
class CommitWatch {
 public:
  CommitWatch(const KafkaBroker& broker, const std::string& topic, const RecordingApi& api);
  ~CommitWatch();
  CommitWatch(const CommitWatch&) = delete;
  CommitWatch& operator=(const CommitWatch&) = delete;

  // Ends it. What went wrong, in plain words; empty when nothing did. To have seen nothing is
  // wrong, too.
  std::vector<std::string> stop();

 private:
  void run();
  void look();
  void check(std::size_t partition, std::int64_t committed);
  void end();

  const std::string brokers_;
  const std::string topic_;
  const RecordingApi& api_;
  std::vector<std::int64_t> highest_;  // these are of the thread while it runs
  std::vector<std::string> problems_;
  std::size_t moves_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// The records that were taken again, each as often as that happened.
std::size_t repeats(const RecordingApi& api);

// True when everything below the present ends of the topic is taken in time.
bool wait_for_all(const KafkaBroker& broker, const std::string& topic, const RecordingApi& api,
                  std::chrono::milliseconds timeout);

}  // namespace sluice::test
