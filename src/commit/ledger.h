// Which records of one partition have an outcome, and up to where that may be committed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/record.h"

namespace sluice::commit {

// Promise 1 in code: the commit point passes a record only when it and all before it are done.
// Lives as long as one assignment of its partition; a new assignment has a new ledger, so nothing
// late can touch it. Not thread-safe. add() and complete() cost O(1) and allocate only to grow.
class Ledger {
 public:
  // Offsets must grow; they may jump (compaction, transactions), and the commit point jumps along.
  Ticket add(std::int64_t offset);

  // The record has the outcome delivered, dead-lettered or dropped. Tickets of add() only;
  // completing one twice changes nothing.
  void complete(Ticket ticket);

  // The next offset to read after a restart (what Kafka calls the committed offset); nullopt until
  // the first record of this assignment is done. Never goes back.
  std::optional<std::int64_t> commit_point() const { return commit_point_; }

  // Records added and not yet covered by the commit point.
  std::size_t outstanding() const { return static_cast<std::size_t>(next_ - first_); }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };

  Entry& at(Ticket ticket) { return ring_[ticket & (ring_.size() - 1)]; }
  void grow();

  std::vector<Entry> ring_;  // its size is a power of two, or 0
  Ticket first_ = 0;         // the oldest record that is not covered
  Ticket next_ = 0;
  std::optional<std::int64_t> commit_point_;
};

}  // namespace sluice::commit
