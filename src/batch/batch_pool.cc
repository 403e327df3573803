#include "batch/batch_pool.h"

#include <utility>

namespace sluice::batch {

std::unique_ptr<Batch> BatchPool::take() {
  if (idle_.empty()) return std::make_unique<Batch>(format_, meter_);
  auto batch = std::move(idle_.back());
  idle_.pop_back();
  return batch;
}

void BatchPool::give_back(std::unique_ptr<Batch> batch) {
  if (idle_.size() >= keep_) return;
  batch->clear();
  idle_.push_back(std::move(batch));
}

}  // namespace sluice::batch
