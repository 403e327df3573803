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
  std::uint32_t attempts = 0;    // requests that carried it and did not deliver it
  std::optional<Verdict> verdict = std::nullopt;  // of the last attempt
  std::string request_id = {};                    // the API's own name of the last attempt
  std::optional<WallTime> first_attempt = std::nullopt;
  std::optional<WallTime> last_attempt = std::nullopt;
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
// Of a record that a replay wrote to its topic: how often that was done, and the id of the letter.
// They stay when it is dead-lettered again.
inline constexpr std::string_view kReplaysHeader = "sluice.replays";
inline constexpr std::string_view kReplayOfHeader = "sluice.replay_of";

// The envelope's `timestamp` of a record: ISO 8601 in UTC. Empty where the record has none, or one
// beyond the year 9999, for which ISO 8601 has no form.
std::string envelope_timestamp(std::int64_t timestamp_ms);
// The way back; -1 for what is not exactly of that form.
std::int64_t envelope_timestamp_ms(std::string_view text);

// `sluice.id` (topic/partition/offset: the same record gives the same id, so a reader can tell a
// repeat), pipeline, topic, partition, offset, timestamp (ISO 8601 UTC, omitted if unknown),
// reason, detail, verdict, status, response, batch_id, request_id, attempts, first_attempt,
// last_attempt, failed_at, version. Empty ones are left out. Control characters in texts become
// blanks; credentials that an answer echoes as "Bearer ..." or "Basic ..." become "***".
std::vector<OwnedHeader> envelope(const DeadLetterOrigin& origin, const DeadLetterCause& cause,
                                  WallTime failed_at);

// The record's own headers: without the envelope of an earlier letter, but with what a replay
// added, so that a record that fails again and again shows.
std::vector<OwnedHeader> without_envelope(std::vector<OwnedHeader> headers);

// Marks a dead letter whose value was left out since it was larger than dead_letter.max_bytes.
OwnedHeader oversized_marker(std::size_t value_bytes);

}  // namespace sluice::codec
