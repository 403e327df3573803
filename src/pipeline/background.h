// A thread for calls that block.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::pipeline {

// Runs tasks one after another. A worker has one, so that lookups at the broker (bounded, but
// seconds long when it is down) never hold up its loop. The destructor waits for the task that is
// running and drops the rest.
class Background {
 public:
  Background() : thread_([this] { run(); }) {}
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void run_soon(std::function<void()> task);
  // In front of all that wait: an assignment must not wait for questions of less weight.
  void run_next(std::function<void()> task);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sluice::pipeline
