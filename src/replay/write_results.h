// Waits for the records that were handed to a writer.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/record_writer.h"

namespace sluice::replay {

class WriteResults {
 public:
  // What the writer is to call for the next record. May be called after this object went.
  std::function<void(WriteResult)> expect() {
    const std::lock_guard lock(shared_->mutex);
    const std::size_t index = shared_->results.size();
    shared_->results.emplace_back();
    ++shared_->missing;
    return [shared = shared_, index](WriteResult result) {
      const std::lock_guard locked(shared->mutex);
      shared->results[index] = std::move(result);
      if (--shared->missing == 0) shared->all_there.notify_all();
    };
  }

  // Of all records so far, in the order of expect().
  std::vector<WriteResult> wait() {
    std::unique_lock lock(shared_->mutex);
    shared_->all_there.wait(lock, [this] { return shared_->missing == 0; });
    return shared_->results;
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable all_there;
    std::vector<WriteResult> results;
    std::size_t missing = 0;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace sluice::replay
