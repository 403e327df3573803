// Micro-batches of one strand: by count, by bytes, by time.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/record.h"
#include "batch/batch.h"
#include "batch/batch_pool.h"
#include "codec/record_codec.h"
#include "codec/router.h"

namespace sluice::batch {

struct Limits {
  std::size_t max_records = 500;
  std::size_t max_bytes = 1 << 20;  // of the whole body; a larger record goes alone
  Duration linger{};                // from the first record's arrival
};

// Pure: no I/O, no clock, no threads. Records come out in the order they were added, each in
// exactly one batch.
class Batcher {
 public:
  // `codec` and `pool` outlive the batcher and are shared with other batchers.
  Batcher(const Limits& limits, codec::RecordCodec& codec, BatchPool& pool)
      : limits_(limits), codec_(codec), pool_(pool) {}

  // Copies what it keeps: the record may go afterwards. `value` is what is sent for it; `route` is
  // its own, with an empty path where all records have the same. Every record of a batch has the
  // batch's route. Changes nothing where it returns a rejection.
  std::optional<codec::Rejection> add(const RecordView& record, std::string_view value,
                                      const codec::Route& route, Ticket ticket, Instant now);

  // When the first record of the open batch came; nullopt: none is open.
  std::optional<Instant> open_since() const;
  bool is_open() const { return open_ != nullptr; }
  // A batch has to be open.
  void close(CloseReason reason);

  // The oldest closed batch, or null.
  std::unique_ptr<Batch> take_closed();
  // Of the oldest closed batch. There has to be one.
  Ticket first_ticket() const { return closed_.front()->entry(0).ticket; }
  std::size_t closed() const { return closed_.size(); }
  std::size_t closed_records() const { return closed_records_; }
  std::size_t closed_bytes() const { return closed_bytes_; }
  std::size_t closed_memory() const { return closed_memory_; }  // as the meter counts
  // As Batch's, of all that it holds; nullopt: nothing.
  std::optional<Duration> oldest_age(Instant now, WallTime wall) const;
  bool holds_nothing() const { return !open_ && closed_.empty(); }

 private:
  bool fits(const RecordView& record, std::string_view value) const;

  Limits limits_;
  codec::RecordCodec& codec_;
  BatchPool& pool_;
  std::unique_ptr<Batch> open_;  // null or not empty
  std::deque<std::unique_ptr<Batch>> closed_;
  std::size_t closed_records_ = 0;
  std::size_t closed_bytes_ = 0;
  std::size_t closed_memory_ = 0;
};

}  // namespace sluice::batch
