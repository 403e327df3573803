// What other threads have to say to a worker.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pipeline/wake_fd.h"

namespace sluice::pipeline {

// A locked list of closures that wakes the worker's poll. Held by shared_ptr: whoever may still
// write to it keeps it alive, and what is posted after the worker's end is dropped with it.
class Mailbox {
 public:
  using Message = std::function<void()>;

  explicit Mailbox(WakeFd wake) : wake_(std::move(wake)) {}

  // From any thread.
  void post(Message message) {
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(std::move(message));
    }
    wake_.signal();
  }

  // Runs what was posted, on the worker's thread.
  void run_all() {
    std::vector<Message> messages;
    {
      const std::lock_guard lock(mutex_);
      messages.swap(messages_);
    }
    for (auto& message : messages) message();
  }

  const WakeFd& wake() const { return wake_; }

 private:
  WakeFd wake_;
  std::mutex mutex_;
  std::vector<Message> messages_;
};

}  // namespace sluice::pipeline
