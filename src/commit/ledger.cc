#include "commit/ledger.h"

#include <cassert>

namespace sluice::commit {

Ticket Ledger::add(std::int64_t offset) {
  assert(!commit_point_ || offset >= *commit_point_);
  if (outstanding() == ring_.size()) grow();
  at(next_) = Entry{offset, false};
  return next_++;
}

void Ledger::complete(Ticket ticket) {
  assert(ticket < next_);
  if (ticket < first_) return;
  at(ticket).done = true;
  while (first_ != next_ && at(first_).done) {
    commit_point_ = at(first_).offset + 1;
    ++first_;
  }
}

void Ledger::grow() {
  std::vector<Entry> wider(ring_.empty() ? 64 : ring_.size() * 2);
  for (Ticket ticket = first_; ticket != next_; ++ticket) {
    wider[ticket & (wider.size() - 1)] = at(ticket);
  }
  ring_ = std::move(wider);
}

}  // namespace sluice::commit
