// How much memory the batches of a worker take.
#pragma once

#include <cstddef>

namespace sluice::batch {

// Bytes that a worker holds in arenas. Counts what is allocated, not what is used. Owned by the
// worker's thread; outlives every batch that reports to it.
class MemoryMeter {
 public:
  void add(std::size_t bytes) { used_ += bytes; }
  void remove(std::size_t bytes) { used_ -= bytes; }
  std::size_t used() const { return used_; }

 private:
  std::size_t used_ = 0;
};

}  // namespace sluice::batch
