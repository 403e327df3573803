// The records of one request, in one arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/record_writer.h"
#include "base/verdict.h"
#include "batch/memory_meter.h"
#include "codec/body.h"
#include "codec/router.h"

namespace sluice::batch {

// Half-open: records [first, last) of a batch.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;

  std::size_t size() const { return last - first; }
  bool operator==(const Range&) const = default;
};

// What is kept of a record beside its bytes in the body.
struct Entry {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;
  Ticket ticket = 0;
  std::uint64_t print = 0;  // record_print() of its bytes in the body
};

// Built by the Batcher, then read-only but for frame(). Keys, headers and, where the body's bytes
// differ from the record's, the original value lie beside the body in the same arena, so that a
// dead letter is byte for byte the record that was read. No allocation per record once warm.
class Batch {
 public:
  Batch(codec::BodyFormat format, MemoryMeter& meter);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  codec::Body& body() { return body_; }
  const codec::Body& body() const { return body_; }

  // Keeps what belongs to the record that was appended to the body last.
  void keep(const RecordView& record, Ticket ticket);
  // Appends record `i` of another batch, whose strand, number and route are taken over, too.
  void copy(const Batch& from, std::size_t i);
  // Forgets all records, keeps the memory.
  void clear();
  // What the Batcher decided; read by metrics.
  CloseReason closed_by = CloseReason::linger;
  // When the first record came.
  Instant opened_at{};
  // Which of its partition's strands it is of.
  std::uint64_t strand = 0;
  // Its number among the partition's batches that were sent; for whoever counts them.
  std::uint64_t sent_as = 0;
  // Of all its records; without a path where the pipeline's is the same for every record.
  codec::Route route;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // Bytes that it counts for at the meter.
  std::size_t memory() const { return accounted_; }
  // Bytes of keys, headers and values that are kept beside the body.
  std::size_t aside_bytes() const { return side_.size(); }
  Range all() const { return {0, size()}; }
  const Entry& entry(std::size_t i) const { return entries_[i]; }

  // The record as it was read.
  std::optional<std::string_view> key(std::size_t i) const;
  std::optional<std::string_view> value(std::size_t i) const;
  std::vector<OwnedHeader> headers(std::size_t i) const;
  // Some record has headers.
  bool has_headers() const { return !header_slices_.empty(); }
  // The last header of that name; nullopt where there is none, or it is null. Valid until the batch
  // changes.
  std::optional<std::string_view> last_header(std::size_t i, std::string_view name) const;

  // Milliseconds since the epoch of the oldest record that has a timestamp; -1 where none has.
  std::int64_t oldest_timestamp_ms() const { return oldest_timestamp_ms_; }
  // How old the oldest of the records from `first` on is: since the timestamp, where they have one,
  // else since the batch was opened. Not below 0 (a producer's clock may be ahead of ours). Costs
  // O(records) where `first` is not 0.
  Duration oldest_age(std::size_t first, Instant now, WallTime wall) const;

 private:
  // Where a text lies in side_; size kNull for a null.
  struct Slice {
    std::uint32_t at = 0;
    std::uint32_t size = kNull;
  };
  static constexpr std::uint32_t kNull = UINT32_MAX;
  enum class ValueIn : std::uint8_t { body, side };

  struct Aside {
    Slice key;
    Slice value;  // only where value_in is side
    std::uint32_t headers_at = 0;
    std::uint32_t header_count = 0;
    ValueIn value_in = ValueIn::body;
  };

  Slice put_aside(std::optional<std::string_view> text);
  std::optional<std::string_view> read_aside(Slice slice) const;
  void account();

  codec::Body body_;
  std::vector<Entry> entries_;
  std::vector<Aside> asides_;
  std::vector<char> side_;
  std::vector<Slice> header_slices_;  // name, value, name, value, ...
  std::int64_t oldest_timestamp_ms_ = -1;
  MemoryMeter& meter_;
  std::size_t accounted_ = 0;
};

}  // namespace sluice::batch
