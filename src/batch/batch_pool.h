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
  // Keeps at most `keep` idle batches.
  BatchPool(codec::BodyFormat format, MemoryMeter& meter, std::size_t keep)
      : format_(format), meter_(meter), keep_(keep) {}

  std::unique_ptr<Batch> take();
  void give_back(std::unique_ptr<Batch> batch);
  // Frees the idle ones, when memory is tight.
  void trim() { idle_.clear(); }

 private:
  codec::BodyFormat format_;
  MemoryMeter& meter_;
  std::size_t keep_;
  std::vector<std::unique_ptr<Batch>> idle_;
};

}  // namespace sluice::batch
