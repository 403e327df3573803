// Writes records with ids of their own to Kafka, and into the book.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fault/book.h"

namespace sluice::fault {

struct FeedOptions {
  std::string topic;
  std::int32_t partitions = 4;
  std::int64_t per_second = 1000;  // of all partitions together
  int keys = 0;                    // 0: a lane is a partition; else so many lanes in each partition
  std::size_t padding = 0;         // bytes of a value besides the least
  std::int64_t poison_every = 0;   // 0: none; n: each n-th record of partition 0
  // Which are poison besides.
  std::function<bool(std::int32_t partition, std::int64_t number)> poison = nullptr;
};

// The broker may come and go: what it has not confirmed is written again until it has, in order.
class Feed {
 public:
  // Writes nothing yet. `book` outlives it.
  Feed(const std::string& brokers, FeedOptions options, Book& book);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void start();
  // Returns when Kafka has confirmed all that was written; throws when it does not within a minute.
  void stop();
  // So many to each partition, at once, confirmed.
  void add(std::int64_t each);
  // For a topic that has been deleted and made anew, with that many partitions.
  void next_log(std::int32_t partitions);
  // For partitions that were added; from now on.
  void use_partitions(std::int32_t partitions);

  // The ids of one fresh record in each partition, confirmed.
  std::vector<std::string> add_fresh();

 private:
  struct Producer;
  void run();
  void serve();
  void write_round();
  std::string write(std::int32_t partition);
  void flush();
  // What a producer knows of a topic's partitions is old by minutes.
  void look_again(std::int32_t partitions);

  const std::string brokers_;
  const FeedOptions options_;
  Book& book_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Producer> producer_;
  std::int32_t partitions_;
  std::int64_t number_ = 0;  // of the next record of each partition
  int log_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sluice::fault
