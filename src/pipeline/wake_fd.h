// What wakes a sleeping loop: sockets of others cannot, so librdkafka and other threads write here.
#pragma once

#include "base/result.h"

namespace sluice::pipeline {

// An eventfd. signal() from any thread; clear() from the one that sleeps on it.
class WakeFd {
 public:
  static Result<WakeFd> create();
  ~WakeFd();
  WakeFd(WakeFd&& other) noexcept;
  WakeFd& operator=(WakeFd&&) = delete;

  int fd() const { return fd_; }
  void signal() const;
  void clear() const;

 private:
  explicit WakeFd(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace sluice::pipeline
