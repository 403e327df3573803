// The headers a dead letter carries beside its record's own: why, from where, how often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record_writer.h"
#include "base/verdict.h"

namespace sluice::codec {

struct DeadLetterCause {
  DeadLetterReason reason = DeadLetterReason::rejected;
  std::string detail;            // bounded; no secrets
  std::optional<int> status;     // of the last attempt, if there was one
  std::string response_excerpt;  // bounded by dead_letter.response_excerpt; may be empty
  std::string batch_id;          // of the last attempt; empty if never sent
  std::uint32_t attempts = 0;    // refusals of requests that carried it
};

struct DeadLetterOrigin {
  std::string pipeline;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;
};

// Header names, the contract of everyone who reads the dead-letter topic; each begins "sluice.".
inline constexpr std::string_view kEnvelopePrefix = "sluice.";

// `sluice.id` (topic/partition/offset: the same record gives the same id, so a reader can tell a
// repeat), pipeline, topic, partition, offset, timestamp (ISO 8601 UTC, omitted if unknown),
// reason, detail, status, response, batch_id, attempts, failed_at, version. Empty ones are left
// out. Control characters in texts become blanks.
std::vector<OwnedHeader> envelope(const DeadLetterOrigin& origin, const DeadLetterCause& cause,
                                  WallTime failed_at);

// Marks a dead letter whose value was left out since it was larger than dead_letter.max_bytes.
OwnedHeader oversized_marker(std::size_t value_bytes);

}  // namespace sluice::codec
