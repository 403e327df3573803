// The batches of one partition, in strands that do not wait for each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "batch/batch_pool.h"
#include "batch/batcher.h"
#include "codec/record_codec.h"
#include "codec/router.h"

namespace sluice::batch {

// The record is in a batch.
struct Added {};
using AddResult = std::variant<Added, codec::Rejection, codec::Skipped>;

// A strand is what keeps its order: a partition (order: partition), a part of its keys (order:
// key; the keys are divided by their hash, so that all records of one are in one strand), and of
// these one for each group (path and group_by) where records are grouped. One batch of a strand
// is under way at a time; where order is none, any number. Pure; not thread-safe.
class Strands {
 public:
  struct Options {
    Limits batch;
    std::uint32_t key_shards = 1;  // strands that the keys of a group are divided among
    bool ordered = true;           // false: order is none
    std::uint32_t at_once = 1;     // batches that may be under way, all strands together
  };

  // `codec`, `router` and `pool` outlive it and are shared with the other partitions.
  Strands(TopicPartition of, const Options& options, codec::RecordCodec& codec,
          codec::Router& router, BatchPool& pool);

  // Copies what it keeps: the record may go afterwards.
  AddResult add(const RecordView& record, Ticket ticket, Instant now);

  // Closes the open batches whose linger is over, but for those of strands that have a batch
  // waiting or under way: theirs go on filling up. Instant::max(): whatever their linger.
  void close_due(Instant now);
  // When close_due() may have something to do although nothing else happens.
  std::optional<Instant> deadline();

  // A closed batch that may go now, or null; the strands take turns. finished() has to follow once
  // its records have their outcomes, or were given up.
  std::unique_ptr<Batch> take_next();
  // The same, but no other batch than the one that begins with this ticket.
  std::unique_ptr<Batch> take_next(Ticket first);
  void finished(const Batch& batch);

  // Closed batches that nobody took.
  std::size_t closed() const { return closed_; }
  std::size_t open_strands() const { return strands_.size(); }
  // As Batcher's, of all strands. Costs O(batches).
  std::optional<Duration> oldest_age(Instant now, WallTime wall) const;
  // So much that reading on can wait, and so little that it cannot.
  bool hold_enough() const;
  bool hold_little() const;
  // Bytes of the closed batches that count as supply, as the meter counts.
  std::size_t stock() const { return supply_memory_; }
  // A strand that stands still by itself (a suspect record) does not count as supply: the others
  // read on. `batch` is the one that it stands still with. Nor does one count whose batch is still
  // under way when another strand's that went after it has finished.
  void set_held(const Batch& batch, bool held);
  // Nothing of the batch's strand can go, or can again as far as this batch goes: none is taken,
  // not even where order is none. Not to be left so once the batch is finished.
  void set_blocked(const Batch& batch, bool blocked);

 private:
  struct Strand {
    Strand(std::uint64_t number, const Limits& limits, codec::RecordCodec& codec, BatchPool& pool)
        : id(number), batcher(limits, codec, pool) {}
    const std::uint64_t id;
    std::string group;  // its key in by_group_; empty where records are not grouped
    Batcher batcher;
    std::uint32_t under_way = 0;
    bool ready = false;    // is in ready_
    bool overdue = false;  // its open batch waits for those before it only
    bool held = false;
    std::uint32_t blocked = 0;  // batches under way that block it
    bool overtaken = false;
    std::uint64_t departure = 0;  // of the batch that went last
    std::size_t closed = 0;       // these as settle() saw them last
    std::size_t supply_records = 0;
    std::size_t supply_bytes = 0;
    std::size_t supply_memory = 0;
  };
  struct Opened {
    std::uint64_t strand;
    Instant since;
  };
  struct Departed {
    std::uint64_t strand;
    std::uint64_t departure;
  };

  std::unique_ptr<Batch> take_from(Strand& strand);
  Strand& strand_of(const RecordView& record, Ticket ticket);
  Strand& make_strand();
  void make_room_for_one_more();
  void settle(Strand& strand);
  bool waits(const Strand& strand) const;
  bool still_open(const Opened& opened) const;
  void overtake_those_before(std::uint64_t departure);
  void drop_if_empty(Strand& strand);

  const TopicPartition of_;
  const Options options_;
  codec::RecordCodec& codec_;
  codec::Router& router_;
  BatchPool& pool_;
  codec::Route route_;  // of the record at hand, where routes differ
  std::string group_;   // likewise: the key of its strand
  std::unordered_map<std::uint64_t, std::unique_ptr<Strand>> strands_;
  std::unordered_map<std::string, std::uint64_t> by_group_;
  std::vector<Strand*> by_shard_;  // where records are not grouped; null: not made yet
  std::uint64_t last_strand_ = 0;
  std::deque<std::uint64_t> ready_;  // strands whose oldest closed batch may go
  std::deque<Opened> opened_;        // by age; those that are not open any more are passed over
  std::deque<Departed> departed_;    // by age; those under way that none has overtaken
  std::uint64_t last_departure_ = 0;
  std::size_t closed_ = 0;
  std::size_t supply_records_ = 0;  // closed ones of strands that do not stand still
  std::size_t supply_bytes_ = 0;
  std::size_t supply_memory_ = 0;
};

}  // namespace sluice::batch
