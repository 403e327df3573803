// How far a worker reads ahead of what it sends.
#pragma once

#include <algorithm>
#include <cstddef>

namespace sluice::pipeline {

// The records of all partitions come through one queue, in runs of one partition: while the first
// in it holds enough, the others get nothing. So each holds a stock, which keeps it busy while it
// waits for its next run. Stopping a partition instead costs what was prefetched of it, at most
// `prefetch` bytes, so all stocks together are as large: then what is read twice is about as much
// as what is sent at most, and a larger one was measured to bring nothing but memory. Pure.
class ReadAhead {
 public:
  // `share`: bytes of arenas that the worker may hold at all.
  ReadAhead(std::size_t share, std::size_t prefetch)
      : share_(share), limit_(std::min(share / 2, prefetch)) {}

  // What so many partitions may take before each of them may have one batch only: what is left of
  // the share is for these, a quarter at most.
  std::size_t most(std::size_t partitions, std::size_t batch_bytes) const {
    return share_ - std::min(share_ / 4, partitions * batch_bytes);
  }

  // A partition whose closed batches take `stock` bytes, one of `partitions` that take `used`
  // together, holds enough for now. One that is slow may have what the others leave.
  bool enough(std::size_t stock, std::size_t used, std::size_t partitions) const {
    return used > limit_ && stock * partitions > limit_;
  }
  // It has to read on. Wide apart from enough(), so that stopping is rare.
  bool little(std::size_t stock, std::size_t used, std::size_t partitions) const {
    return 2 * used < limit_ || 2 * stock * partitions < limit_;
  }

 private:
  std::size_t share_;
  std::size_t limit_;
};

}  // namespace sluice::pipeline
