// One partition during one assignment: everything the worker knows of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/record.h"
#include "batch/strands.h"
#include "commit/ledger.h"
#include "pipeline/late_failure.h"
#include "pipeline/sent_batches.h"
#include "pipeline/stall.h"
#include "pipeline/waiting.h"

namespace sluice::pipeline {

struct Partition {
  Partition(LaneId id, TopicPartition name, batch::Strands strands_of_it)
      : lane(id), of(std::move(name)), strands(std::move(strands_of_it)) {}

  const LaneId lane;
  const TopicPartition of;
  batch::Strands strands;
  commit::Ledger ledger;
  SentBatches sent;

  // Records before it were read, and a repeat is passed over; kafka::kBeginning before the first.
  std::int64_t next_offset = 0;
  std::optional<std::int64_t> first_offset;  // of the first record of this assignment
  std::optional<std::int64_t> committed;     // confirmed by the broker; as of the last report
  std::optional<std::int64_t> log_end;
  bool paused = false;                // at the consumer
  std::optional<Instant> full_since;  // it holds as much as it may
  bool draining = false;              // revoked: takes and sends nothing more
  // Why it reads no more, in plain words: only an operator can go on. What it has read in front of
  // the trouble is delivered, unless it sends nothing.
  bool out_of_range = false;
  std::optional<std::int64_t> failed_at;  // the offset that is out of range
  LateFailure late_failure;
  std::optional<std::int64_t> gap_end;       // committed once what was read before it is done
  bool by_operator = false;                  // an operator has said where it goes on
  bool sends_nothing = false;                // what is read and closed waits as well
  bool undeliverable = false;                // a record of it has no way out but an operator's hand
  std::int64_t undeliverable_since_ms = -1;  // the first such record's timestamp
  std::string blocked;
  std::optional<std::int64_t> blocked_at;  // the offset that has no way out
  std::string refused;  // why the brokers let us read no more of it, by what they said last
  std::optional<std::int64_t> log_end_when_refused;
  Waiting waiting;
  std::string untold;  // why the brokers do not show its last commit; it commits nothing then

  StallWatch stall_watch{StallReason::flowing};  // as others see it

  // There are records behind those that were read, as far as it is known.
  bool has_unread() const { return log_end && next_offset >= 0 && *log_end > next_offset; }

  // Records in the topic that are not committed; nullopt while either end is unknown. Of a group
  // that has committed nothing they begin where it reads.
  std::optional<std::int64_t> lag() const {
    auto from = committed ? committed : first_offset;
    if (!from && next_offset >= 0) from = next_offset;
    if (log_end == 0) return 0;
    if (!from || !log_end) return std::nullopt;
    return std::max(*log_end - *from, std::int64_t{0});
  }
};

}  // namespace sluice::pipeline
