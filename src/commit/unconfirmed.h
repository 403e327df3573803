// How many batches of a partition would be sent again if this process died now.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::commit {

// Promise 2 in code: a batch counts from its first request until the broker confirmed a commit
// that covers it, by its offset or by its metadata; and again where a later commit had no more room
// for it in its metadata. Retries and bisected pieces count as the batch they came from. Not
// thread-safe.
class UnconfirmedBatches {
 public:
  using Id = std::uint64_t;  // never 0, never used twice

  // The first request of a batch whose last record has this offset.
  Id sent(std::int64_t last_offset);

  // All its records have an outcome. One that a commit's offset passed before is no longer known,
  // and nothing happens.
  void finished(Id batch);

  // What a commit would cover: batches below its offset, and finished ones below the first offset
  // that its metadata leaves out. Ascending.
  std::vector<Id> covered_by(std::int64_t commit_offset, std::int64_t covers_to) const;

  // The broker confirmed the commit that covers these, as covered_by() told them, and no others.
  void confirmed(const std::vector<Id>& batches, std::int64_t commit_offset);

  std::size_t count() const { return count_; }

 private:
  struct Open {
    Id id;
    std::int64_t last_offset;
    bool finished;
    bool covered;  // by the metadata of the last commit
  };

  std::vector<Open> open_;  // by id
  std::size_t count_ = 0;   // of those that are not covered
  Id last_id_ = 0;
};

inline UnconfirmedBatches::Id UnconfirmedBatches::sent(std::int64_t last_offset) {
  open_.push_back({++last_id_, last_offset, false, false});
  ++count_;
  return last_id_;
}

inline void UnconfirmedBatches::finished(Id batch) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), batch,
                                      [](const Open& open, Id id) { return open.id < id; });
  if (found != open_.end() && found->id == batch) found->finished = true;
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

inline void UnconfirmedBatches::confirmed(const std::vector<Id>& batches,
                                          std::int64_t commit_offset) {
  for (auto& open : open_) {
    open.covered = std::binary_search(batches.begin(), batches.end(), open.id);
  }
  std::erase_if(open_,
                [&](const Open& open) { return open.covered && open.last_offset < commit_offset; });
  count_ = static_cast<std::size_t>(
      std::count_if(open_.begin(), open_.end(), [](const Open& open) { return !open.covered; }));
}

}  // namespace sluice::commit
