// Which records of one partition have an outcome, and up to where that may be committed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/record.h"
#include "commit/offset_range.h"

namespace sluice::commit {

// Promise 1 in code: the commit point passes a record only when it and all before it are done.
// Lives as long as one assignment of its partition; a new assignment has a new ledger, so nothing
// late can touch it. Not thread-safe. add(), complete() and finished_before() cost O(1) on average
// and allocate only to grow.
class Ledger {
 public:
  // What an earlier owner of the partition finished beyond the committed offset: in ascending
  // order, apart from each other. Before the first add().
  void restore(std::vector<OffsetRange> finished);

  // Whether an earlier owner finished this record: it is not sent again, but added and completed.
  // Offsets must be asked for in ascending order, each before it is added.
  bool finished_before(std::int64_t offset);

  // Offsets must grow; they may jump (compaction, transactions), and the commit point jumps along.
  Ticket add(std::int64_t offset);

  // The record has the outcome delivered, dead-lettered or dropped. Tickets of add() only;
  // completing one twice changes nothing.
  void complete(Ticket ticket);

  // The next offset to read after a restart (what Kafka calls the committed offset); nullopt until
  // the first record of this assignment is done. Never goes back.
  std::optional<std::int64_t> commit_point() const { return commit_point_; }

  // What is finished beyond the commit point, with what an earlier owner finished and was not read
  // yet: in ascending order, apart from each other. A range may span offsets that no record has.
  // Costs O(outstanding) at most, and nothing where there is none.
  std::vector<OffsetRange> ahead() const;
  bool has_ahead() const {
    return done_ > 0 || (!restored_.empty() && restored_.back().last > unread());
  }

  // Records added and not yet covered by the commit point.
  std::size_t outstanding() const { return static_cast<std::size_t>(next_ - first_); }
  // The first of these, which the commit point waits for. There has to be one.
  Ticket oldest() const { return first_; }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };

  Entry& at(Ticket ticket) { return ring_[ticket & (ring_.size() - 1)]; }
  const Entry& at(Ticket ticket) const { return ring_[ticket & (ring_.size() - 1)]; }
  std::int64_t unread() const;  // no record from here on was added
  void grow();

  std::vector<Entry> ring_;  // its size is a power of two, or 0
  Ticket first_ = 0;         // the oldest record that is not covered
  Ticket next_ = 0;
  std::size_t done_ = 0;  // of those that are not covered
  std::vector<OffsetRange> restored_;
  std::size_t next_restored_ = 0;  // the first that may have offsets not asked for yet
  std::optional<std::int64_t> commit_point_;
};

}  // namespace sluice::commit
