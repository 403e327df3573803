#include "commit/ledger.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::commit {

void Ledger::restore(std::vector<OffsetRange> finished) {
  assert(next_ == 0);
  restored_ = std::move(finished);
  next_restored_ = 0;
}

bool Ledger::finished_before(std::int64_t offset) {
  while (next_restored_ != restored_.size() && restored_[next_restored_].last <= offset) {
    ++next_restored_;
  }
  return next_restored_ != restored_.size() && restored_[next_restored_].first <= offset;
}

Ticket Ledger::add(std::int64_t offset) {
  assert(!commit_point_ || offset >= *commit_point_);
  if (outstanding() == ring_.size()) grow();
  at(next_) = Entry{offset, false};
  return next_++;
}

void Ledger::complete(Ticket ticket) {
  assert(ticket < next_);
  if (ticket < first_ || at(ticket).done) return;
  at(ticket).done = true;
  ++done_;
  while (first_ != next_ && at(first_).done) {
    commit_point_ = at(first_).offset + 1;
    ++first_;
    --done_;
  }
}

std::vector<OffsetRange> Ledger::ahead() const {
  std::vector<OffsetRange> ranges;
  bool in_run = false;
  std::size_t left_done = done_;
  for (Ticket ticket = first_; left_done > 0; ++ticket) {
    const Entry& entry = at(ticket);
    left_done -= entry.done ? 1 : 0;
    if (entry.done && !in_run) ranges.push_back({entry.offset, entry.offset});
    if (entry.done) ranges.back().last = entry.offset + 1;
    in_run = entry.done;
  }
  // The part of it that was read is among the entries.
  for (std::size_t i = next_restored_; i != restored_.size(); ++i) {
    const OffsetRange left{std::max(restored_[i].first, unread()), restored_[i].last};
    if (left.first >= left.last) continue;
    if (!ranges.empty() && ranges.back().last == left.first) {
      ranges.back().last = left.last;
    } else {
      ranges.push_back(left);
    }
  }
  return ranges;
}

std::int64_t Ledger::unread() const {
  return outstanding() > 0 ? at(next_ - 1).offset + 1 : commit_point_.value_or(0);
}

void Ledger::grow() {
  std::vector<Entry> wider(ring_.empty() ? 64 : ring_.size() * 2);
  for (Ticket ticket = first_; ticket != next_; ++ticket) {
    wider[ticket & (wider.size() - 1)] = at(ticket);
  }
  ring_ = std::move(wider);
}

}  // namespace sluice::commit
