// Back to the topic that the record came from.
#pragma once

#include <map>

#include "replay/destination.h"

namespace sluice::replay {

// Key, value and headers byte for byte, to the record's own partition where the topic still has it;
// two headers tell that it is a replay. The timestamp is a new one.
class TopicDestination final : public Destination {
 public:
  // `partitions`: how many each topic has. The writer outlives this object.
  TopicDestination(RecordWriter& writer, std::map<std::string, std::int32_t> partitions)
      : writer_(writer), partitions_(std::move(partitions)) {}

  std::string name() const override;
  std::size_t at_once() const override { return 100; }
  Result<void> bring(std::span<const LetterRecord> letters, Pace& pace,
                     const OnEnd& on_end) override;

 private:
  RecordWriter& writer_;
  std::map<std::string, std::int32_t> partitions_;
};

}  // namespace sluice::replay
