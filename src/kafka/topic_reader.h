// Reads what stands in topics, as a member of no group.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/consumer.h"
#include "kafka/options.h"

namespace sluice::kafka {

// The seam between those who read topics through and the client that does it.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  // The next record, in the order of offsets within its partition, or null when none came within
  // `wait`. Borrowed until the next call.
  virtual const PolledRecord* poll(Duration wait) = 0;
  // All that stood in the partitions when they were opened has been polled. What is written later
  // follows.
  virtual bool at_end() const = 0;
  // What went wrong since the last call, for people; librdkafka goes on by itself.
  virtual std::vector<std::string> take_errors() = 0;
};

// How far a reader has come, in offsets: with gaps in a topic they are more than its records.
struct ReadProgress {
  std::int64_t read = 0;
  std::int64_t total = 0;  // that stood there when it was opened
};

// Nothing is committed. For one thread.
class TopicReader final : public RecordSource {
 public:
  // All partitions of the topics from their first records on. Blocks for as long as a lookup
  // (offset_lookup.h) for each partition. An error where a topic does not exist.
  static Result<std::unique_ptr<TopicReader>> open(const ClientOptions& client,
                                                   const std::vector<std::string>& topics);
  // Some partitions, each from an offset on, or from its first record if that is later.
  static Result<std::unique_ptr<TopicReader>> open_at(const ClientOptions& client,
                                                      const std::vector<PartitionOffset>& from);
  ~TopicReader() override;

  const PolledRecord* poll(Duration wait) override;
  bool at_end() const override;
  std::vector<std::string> take_errors() override;
  ReadProgress progress() const;

 private:
  struct Impl;
  explicit TopicReader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// How many partitions a topic has; an error where it does not exist. Blocks for a lookup.
Result<std::int32_t> partition_count(const ClientOptions& client, const std::string& topic);

}  // namespace sluice::kafka
