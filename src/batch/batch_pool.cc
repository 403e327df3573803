#include "batch/batch_pool.h"

#include <utility>

namespace sluice::batch {

std::unique_ptr<Batch> BatchPool::take() {
  if (idle_.empty()) return std::make_unique<Batch>(format_, meter_);
  auto batch = std::move(idle_.back());
  idle_.pop_back();
  idle_bytes_ -= batch->memory();
  return batch;
}

void BatchPool::give_back(std::unique_ptr<Batch> batch) {
  batch->clear();
  if (idle_bytes_ + batch->memory() > keep_) return;
  idle_bytes_ += batch->memory();
  idle_.push_back(std::move(batch));
}

void BatchPool::trim() {
  idle_.clear();
  idle_bytes_ = 0;
}

}  // namespace sluice::batch
