// "Offset out of range" of a place that was left.
#pragma once

#include <cstdint>
#include <optional>

namespace sluice::pipeline {

// A fetch that was under way when an operator moved the partition may fail afterwards, and stops
// the new one, too: the move is then done again. A few times; whatever fails after that is said.
class LateFailure {
 public:
  static constexpr int kMost = 3;

  LateFailure() = default;
  // The partition was moved from the one place, if any was out of range, to the other.
  LateFailure(std::optional<std::int64_t> left, std::int64_t to) : left_(left), to_(to) {}

  // The fetch at `failed` was out of range, and `next` is to be read. True: it was of the place
  // that was left and nothing was read since, so move again.
  bool move_again(std::int64_t failed, std::int64_t next) {
    if (!left_ || failed != *left_ || next != to_ || done_ >= kMost) return false;
    ++done_;
    return true;
  }

 private:
  std::optional<std::int64_t> left_;
  std::int64_t to_ = 0;
  int done_ = 0;
};

}  // namespace sluice::pipeline
