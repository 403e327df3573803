// What there is to say of a pipeline and a record, before it is text or JSON. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/record_writer.h"
#include "base/verdict.h"
#include "config/config.h"
#include "deliver/admission.h"

namespace sluice::explain {

// In the place of whatever proves who we are.
inline constexpr const char* kMasked = "***";

struct ShownHeader {
  std::string name;
  std::string value;
};

// As it would be handed to the HTTP client, with kMasked for secrets.
struct ShownRequest {
  std::string method;
  std::string url;
  std::vector<ShownHeader> headers;
  std::string body;       // before compression
  std::size_t bytes = 0;  // of the body on the wire
  std::string encoding;   // of these; empty: none
  std::string batch_id;   // the same that stands in its header
  std::size_t records = 0;
  // Whose credentials sign it, where a record would say whose: one tenant of several.
  std::optional<std::string> example_of = std::nullopt;
};

enum class Fate : std::uint8_t {
  sent,
  dead_lettered,
  dropped,       // by a policy
  stands_still,  // with its partition or tenant, until somebody does something
};

// What becomes of a record before any answer.
struct Judged {
  Fate fate = Fate::sent;
  std::optional<DeadLetterReason> reason = std::nullopt;  // only where dead_lettered
  std::string detail = {};  // a rule or a position, never a piece of the payload; empty where sent
};

struct ShownRecord {
  TopicPartition of;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  // as RecordView's
  std::optional<std::string> key;
  std::vector<OwnedHeader> headers;
  std::optional<std::size_t> bytes;  // of its value; nullopt: a tombstone
  Judged judged;
};

// The batch that begins with the record.
struct ShownBatch {
  CloseReason closed_by = CloseReason::linger;
  std::size_t records = 0;
  std::size_t bytes = 0;  // of its body
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::vector<std::string> grouped_by;  // the values its records have in common
  std::optional<std::string> tenant;    // whose credentials sign it; nullopt: the target has none
};

// Borrows the configuration.
struct Explanation {
  const config::Pipeline* pipeline = nullptr;
  const config::Target* target = nullptr;
  deliver::RequestSize largest;       // that the budgets let through
  std::optional<ShownRecord> record;  // nullopt: nothing was asked of a record
  bool of_file = false;               // which is in no topic: its place is made up
  std::optional<ShownBatch> batch;    // only where the record is in one
  // Of the batch, or its first part; without a record one with placeholders and no body. Nullopt:
  // none would be sent.
  std::optional<ShownRequest> request;
};

}  // namespace sluice::explain
