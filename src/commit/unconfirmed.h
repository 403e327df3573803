// How many batches of a partition would be sent again if this process died now.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::commit {

// Promise 2 in code: a batch counts from its first request until the broker confirmed a commit
// that covers it, by its offset or by its metadata. Retries and bisected pieces count as the batch
// they came from. Not thread-safe. There are few at a time (max_unconfirmed_batches).
class UnconfirmedBatches {
 public:
  using Id = std::uint64_t;  // never 0, never used twice

  // The first request of a batch whose last record has this offset.
  Id sent(std::int64_t last_offset);

  // All its records have an outcome. One that a commit covered before is no longer known, and
  // nothing happens.
  void finished(Id batch);

  // What a commit would cover: batches below its offset, and finished ones below the first offset
  // that its metadata leaves out.
  std::vector<Id> covered_by(std::int64_t commit_offset, std::int64_t covers_to) const;

  // The broker confirmed the commit that covers these.
  void confirmed(const std::vector<Id>& batches);

  std::size_t count() const { return open_.size(); }

 private:
  struct Open {
    Id id;
    std::int64_t last_offset;
    bool finished;
  };

  std::vector<Open> open_;
  Id last_id_ = 0;
};

inline UnconfirmedBatches::Id UnconfirmedBatches::sent(std::int64_t last_offset) {
  open_.push_back({++last_id_, last_offset, false});
  return last_id_;
}

inline void UnconfirmedBatches::finished(Id batch) {
  for (auto& open : open_) {
    if (open.id == batch) open.finished = true;
  }
}

inline std::vector<UnconfirmedBatches::Id> UnconfirmedBatches::covered_by(
    std::int64_t commit_offset, std::int64_t covers_to) const {
  std::vector<Id> covered;
  for (const auto& open : open_) {
    if (open.last_offset < commit_offset || (open.finished && open.last_offset < covers_to)) {
      covered.push_back(open.id);
    }
  }
  return covered;
}

inline void UnconfirmedBatches::confirmed(const std::vector<Id>& batches) {
  std::erase_if(open_, [&](const Open& open) {
    return std::find(batches.begin(), batches.end(), open.id) != batches.end();
  });
}

}  // namespace sluice::commit
