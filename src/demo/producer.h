// Writes generated records at a pace, and waits where the topics are full.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/record_writer.h"
#include "demo/backlog.h"
#include "demo/generator.h"
#include "demo/pace.h"
#include "demo/reconciliation.h"

namespace sluice::demo {

class Producer {
 public:
  // Well below what a partition may hold (kafka::MockCluster::kPartitionBytes): who reads it may
  // have to go back to its last commit.
  static constexpr std::size_t kMostUnreadBytes = 3'000'000;

  struct Options {
    std::vector<std::string> topics;  // of each event type, in their order
    std::uint32_t rate = 0;           // records a second over all types
  };

  // Starts its thread. `reconciliation` and `clock` outlive the producer.
  Producer(std::unique_ptr<RecordWriter> writer, Generator generator, Options options,
           Reconciliation& reconciliation, const Clock& clock);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // How many records of a type have their outcome, so that nobody needs to read them again.
  void finished(std::size_t type, std::uint64_t records);
  // Whether it waits for the readers.
  bool held_up() const;
  // How many of its records were bad on purpose.
  std::uint64_t made_bad() const;

  // Makes no more records. What was begun is still written, again and again if need be: done() is
  // true when the broker has confirmed all of it.
  void stop();
  bool done() const;
  // How many it has begun to write and the broker has not confirmed so far. What is not among them
  // counts as produced in the reconciliation.
  std::uint64_t unconfirmed() const;

 private:
  using Record = std::shared_ptr<const GeneratedRecord>;

  void run();
  void write_due(std::unique_lock<std::mutex>& lock);
  void write_again(std::unique_lock<std::mutex>& lock);
  void write(const Record& record);
  void written(const Record& record, const WriteResult& result);
  bool all_written() const;

  const Options options_;
  Reconciliation& reconciliation_;
  const Clock& clock_;
  Generator generator_;  // of run()'s thread, as is the next one
  Pace pace_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  Backlog backlog_;
  std::vector<Record> failed_;  // to be written again
  std::size_t outstanding_ = 0;
  std::uint64_t made_bad_ = 0;
  bool held_up_ = false;
  bool stopping_ = false;
  bool leaving_ = false;

  std::unique_ptr<RecordWriter> writer_;
  std::thread thread_;
};

}  // namespace sluice::demo
