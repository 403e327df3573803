// How many batches of a partition would be sent again if this process died now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::commit {

// Promise 2 in code: a batch counts from its first request until the broker confirmed a commit
// that covers it. Retries and bisected pieces count as the batch they came from. Not thread-safe.
class UnconfirmedBatches {
 public:
  // The first request of a batch whose last record has this offset.
  void sent(std::int64_t last_offset) { ends_.push_back(last_offset); }

  // The broker confirmed a commit of this next offset.
  void confirmed(std::int64_t committed) {
    std::erase_if(ends_, [&](std::int64_t last) { return last < committed; });
  }

  std::size_t count() const { return ends_.size(); }

 private:
  std::vector<std::int64_t> ends_;
};

}  // namespace sluice::commit
