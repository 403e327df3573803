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
  // The partition was moved away from here.
  explicit LateFailure(std::optional<std::int64_t> left) : left_(left) {}

  // The fetch at `failed` was out of range. True: of the place that was left, so move again.
  bool move_again(std::int64_t failed, bool read_since) {
    if (!left_ || failed != *left_ || read_since || done_ >= kMost) return false;
    ++done_;
    return true;
  }

 private:
  std::optional<std::int64_t> left_;
  int done_ = 0;
};

}  // namespace sluice::pipeline
