// The batches of one partition that were sent and are not covered by a confirmed commit yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/record.h"
#include "commit/unconfirmed.h"

namespace sluice::pipeline {

// A batch has its outcome when its deliverer is done with it and each dead letter that came of it
// is confirmed, whichever is last. Pure; not thread-safe.
class SentBatches {
 public:
  using Id = commit::UnconfirmedBatches::Id;

  // The first request of a batch whose last record has this offset.
  Id sent(std::int64_t last_offset) { return unconfirmed_.sent(last_offset); }

  // A record of the batch becomes a dead letter; that is confirmed.
  void letter(Id batch, Ticket ticket) {
    letters_.emplace(ticket, batch);
    ++open_letters_[batch];
  }
  void letter_confirmed(Ticket ticket) {
    const auto found = letters_.find(ticket);
    if (found == letters_.end()) return;  // it never was in a batch
    const Id batch = found->second;
    letters_.erase(found);
    if (--open_letters_.at(batch) > 0) return;
    open_letters_.erase(batch);
    if (answered_.erase(batch) > 0) unconfirmed_.finished(batch);
  }
  // The deliverer is done with it.
  void answered(Id batch) {
    if (open_letters_.count(batch) > 0) {
      answered_.insert(batch);
    } else {
      unconfirmed_.finished(batch);
    }
  }

  // The batch stands still for long, and counts for nothing until it goes on.
  void set_aside(Id batch, bool aside) {
    if (aside) {
      aside_.insert(batch);
    } else {
      aside_.erase(batch);
    }
  }

  // Of a commit that is about to go out, and after it was confirmed.
  std::vector<Id> covered_by(std::int64_t commit_offset, std::int64_t covers_to) const {
    return unconfirmed_.covered_by(commit_offset, covers_to);
  }
  void confirmed(const std::vector<Id>& batches, std::int64_t commit_offset) {
    unconfirmed_.confirmed(batches, commit_offset);
  }

  std::size_t aside() const { return aside_.size(); }
  // One that is set aside has no outcome, so no commit covers it, unless an operator's does.
  std::size_t unconfirmed() const {
    return unconfirmed_.count() - std::min(unconfirmed_.count(), aside_.size());
  }

 private:
  commit::UnconfirmedBatches unconfirmed_;
  std::map<Ticket, Id> letters_;            // not yet confirmed
  std::map<Id, std::size_t> open_letters_;  // how many of these a batch has
  std::set<Id> answered_;                   // batches that only wait for those
  std::set<Id> aside_;
};

}  // namespace sluice::pipeline
