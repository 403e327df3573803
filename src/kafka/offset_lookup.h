// Questions to the broker that take a round trip: asked off the worker's loop.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "kafka/consumer.h"

namespace sluice::kafka {

// Each call blocks for at most this long.
inline constexpr int kLookupTimeoutMs = 5000;  // as librdkafka takes it
inline constexpr Duration kLookupTimeout = std::chrono::milliseconds(kLookupTimeoutMs);

// All of these may be called from another thread than the consumer's, while it lives.

// Whether any broker answers.
Result<void> brokers_answer(const Consumer& consumer);

struct Committed {
  std::int64_t offset = 0;
  std::string metadata;  // as it was committed; maybe by somebody else
};

// What the group has committed for each partition that has a committed offset.
Result<std::map<TopicPartition, Committed>> committed_offsets(
    const Consumer& consumer, const std::vector<TopicPartition>& partitions,
    Duration limit = kLookupTimeout);

// The same, each with the brokers' answer of its own; nullopt: nothing is committed. An error where
// they told of none.
using CommitsAsTold = std::map<TopicPartition, Result<std::optional<Committed>>>;
Result<CommitsAsTold> commits_as_told(const Consumer& consumer,
                                      const std::vector<TopicPartition>& partitions,
                                      Duration limit = kLookupTimeout);

// The name that the cluster gave itself once and for all; empty where it has none.
Result<std::string> cluster_id(const Consumer& consumer);

// Every partition of the topics; an error where a topic does not exist.
Result<std::vector<TopicPartition>> partitions_of(const Consumer& consumer,
                                                  const std::vector<std::string>& topics);

struct LogBounds {
  std::int64_t start = 0;  // the first offset that can be read
  std::int64_t end = 0;    // behind the last record
};
Result<LogBounds> log_bounds(const Consumer& consumer, const TopicPartition& partition);

// The offset behind the last record.
Result<std::int64_t> log_end(const Consumer& consumer, const TopicPartition& partition);

// Commits without being a member: the broker takes that only while the group is empty.
Result<void> commit_for_empty_group(const Consumer& consumer,
                                    const std::vector<PartitionOffset>& offsets);

}  // namespace sluice::kafka
