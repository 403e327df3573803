// Micro-batches of one partition: by count, by bytes, by time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/record.h"
#include "batch/batch.h"
#include "codec/record_codec.h"
#include "codec/router.h"

namespace sluice::batch {

struct Limits {
  std::size_t max_records = 500;
  std::size_t max_bytes = 1 << 20;  // of the whole body; a larger record goes alone
  Duration linger{};                // from the first record's arrival
};

// The record is in a batch.
struct Added {};
using AddResult = std::variant<Added, codec::Rejection, codec::Skipped>;

// Pure: no I/O, no clock, no threads. Records come out in the order they were added, each in
// exactly one batch.
class Batcher {
 public:
  // `codec`, `router` and `pool` outlive the batcher and are shared with those of the other
  // partitions. Every record of a batch has the batch's route.
  Batcher(TopicPartition of, const Limits& limits, codec::RecordCodec& codec, codec::Router& router,
          BatchPool& pool)
      : of_(std::move(of)), limits_(limits), codec_(codec), router_(router), pool_(pool) {}

  // Copies what it keeps: the record may go afterwards.
  AddResult add(const RecordView& record, Ticket ticket, Instant now);

  // Closes the open batch if its linger is over.
  void close_due(Instant now);
  // When close_due() will have something to do; nullopt: nothing is open.
  std::optional<Instant> deadline() const;

  // The oldest closed batch, or null.
  std::unique_ptr<Batch> take_closed();
  std::size_t closed() const { return closed_.size(); }
  // So much that reading on can wait: a full batch, and not only a few records.
  bool closed_hold_enough() const {
    return closed_bytes_ >= limits_.max_bytes ||
           closed_records_ >= std::max(limits_.max_records, kFewRecords);
  }
  bool holds_nothing() const { return !open_ && closed_.empty(); }

 private:
  static constexpr std::size_t kFewRecords = 500;

  AddResult put(const RecordView& record, std::string_view value, Ticket ticket, Instant now);
  bool fits(const RecordView& record, std::string_view value) const;
  void close(CloseReason reason);

  TopicPartition of_;
  Limits limits_;
  codec::RecordCodec& codec_;
  codec::Router& router_;
  BatchPool& pool_;
  codec::Route route_;           // of the record at hand, where routes differ
  std::unique_ptr<Batch> open_;  // null or not empty
  std::deque<std::unique_ptr<Batch>> closed_;
  std::size_t closed_records_ = 0;
  std::size_t closed_bytes_ = 0;
};

}  // namespace sluice::batch
