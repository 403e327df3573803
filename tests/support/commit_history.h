// What a group has committed over time, as Kafka's own log of it tells: a broker itself answers
// with the last commit only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/kafka_client.h"

namespace sluice::test {

struct Commit {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // -1: the commit was deleted (the group or the topic is gone, or it
                            // has expired)
  std::string metadata;
  std::int64_t at_ms = 0;  // when the broker wrote it: its own clock, Unix milliseconds

  friend bool operator==(const Commit&, const Commit&) = default;
};

// All of a group, from the first to the present last, in the order the broker took them. Throws
// std::runtime_error for what it cannot read, and where offsets are missing from the log:
// compaction has been there (it leaves the last 100 MB alone), or offsets were committed in
// transactions.
std::vector<Commit> commit_history(const std::string& brokers, const std::string& group);

// The same from what was read of the topic `__consumer_offsets`.
std::vector<Commit> commits_in(const std::vector<StoredRecord>& log, const std::string& group);

}  // namespace sluice::test
