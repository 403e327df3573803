// Where batches come from and go back to.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "batch/batch.h"
#include "batch/memory_meter.h"
#include "codec/body.h"

namespace sluice::batch {

// Batches that are used again, so that a steady flow allocates nothing. Single-threaded; outlives
// its batches only by the meter's rule.
class BatchPool {
 public:
  // Keeps idle batches of at most `keep` bytes together.
  BatchPool(codec::BodyFormat format, MemoryMeter& meter, std::size_t keep)
      : format_(format), meter_(meter), keep_(keep) {}

  std::unique_ptr<Batch> take();
  void give_back(std::unique_ptr<Batch> batch);
  // Bytes of the idle ones, which the meter counts as well.
  std::size_t idle_bytes() const { return idle_bytes_; }
  // Frees the idle ones, when memory is tight or nothing comes.
  void trim();

 private:
  codec::BodyFormat format_;
  MemoryMeter& meter_;
  std::size_t keep_;
  std::size_t idle_bytes_ = 0;
  std::vector<std::unique_ptr<Batch>> idle_;
};

}  // namespace sluice::batch
