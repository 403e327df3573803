// Where a group begins that has no offset yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/result.h"
#include "kafka/consumer.h"

namespace sluice::kafka {

// Each call may come from another thread than the consumer's, while it lives, and blocks for a few
// round trips, each of at most kLookupTimeout.

// What is subscribed to: topics by name, whether or not they exist, and patterns ("^...", POSIX
// extended regular expressions), which never match `excluded` or Kafka's own topics ("__...").
struct Subscription {
  std::vector<std::string> names;
  std::vector<std::string> patterns;
  std::vector<std::string> excluded;
};

// The names, and every topic there is now that a pattern matches; each once.
Result<std::vector<std::string>> topics_of(const Consumer& consumer,
                                           const Subscription& subscription);

// For a group that has no offset of any of the topics: commits, for each of their partitions, the
// offset of the first record at or after `from` (nullopt: the end), before the first member joins;
// the broker takes that only while the group is empty. A group that has one is not new, and goes
// on: a topic without an offset was found later, maybe empty, and records may have come since.
Result<void> start_group_at(const Consumer& consumer, const std::vector<std::string>& topics,
                            std::optional<WallTime> from);

}  // namespace sluice::kafka
