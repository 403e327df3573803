// A Kafka message as the rest of the house sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
};

// A record's place in its partition's ledger, counted from 0 for each assignment: unlike offsets,
// tickets have no gaps.
using Ticket = std::uint64_t;

// One partition during one assignment to one worker. Never reused: what is late for an assignment
// that has ended finds no lane and changes nothing.
using LaneId = std::uint64_t;

// A null value is not an empty one: both are kept apart all the way into a dead letter.
struct RecordHeader {
  std::string_view name;
  std::optional<std::string_view> value;
};

// Borrows everything: valid only until the consumer is polled again.
struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  // since the Unix epoch; -1: the broker gave none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::span<const RecordHeader> headers;
};

}  // namespace sluice
