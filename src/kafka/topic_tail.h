// Reads topics on its own, as a member of no group.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/consumer.h"
#include "kafka/options.h"

namespace sluice::kafka {

// All partitions that the topics have when it is opened, each from its first record on; what is
// written meanwhile follows. Nothing is committed: another tail begins at the beginning again.
// For one thread.
class TopicTail {
 public:
  // Blocks for as long as a lookup (offset_lookup.h) for each topic. An error where one does not
  // exist.
  static Result<std::unique_ptr<TopicTail>> open(const ClientOptions& client,
                                                 const std::vector<std::string>& topics);

  // The next record, in the order of offsets within its partition, or null when none came within
  // `wait`. Borrowed until the next call.
  const PolledRecord* poll(Duration wait);

  // What went wrong since the last call, for people. librdkafka goes on by itself, but for
  // partitions that lost the next record to retention: those end there.
  std::vector<std::string> take_errors();

 private:
  explicit TopicTail(std::unique_ptr<Consumer> consumer);

  std::unique_ptr<Consumer> consumer_;
};

}  // namespace sluice::kafka
