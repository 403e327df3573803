// Stops a pipeline whose records the API refuses, before its topic is poured into dead letters.
#pragma once

#include <cstddef>
#include <deque>

#include "config/config.h"

namespace sluice::deliver {

// Closes once `share` of the last `of` records that the API judged were refused, and stays so until
// it is released, which forgets what was judged. Pure; not thread-safe.
class RefusalGuard {
 public:
  explicit RefusalGuard(const config::RefusalGuard& limits) : limits_(limits) {}

  // The API took so many, then refused so many.
  void judged(std::size_t taken, std::size_t refused);
  void release();

  bool closed() const { return closed_; }
  // Of the last judged(): what closed it, where it is closed.
  std::size_t refused() const { return refused_; }
  std::size_t judged() const { return judged_; }

 private:
  struct Run {
    bool refused;
    std::size_t records;
  };

  void add(bool refused, std::size_t records);

  const config::RefusalGuard limits_;
  std::deque<Run> runs_;  // of at most `of` records
  std::size_t judged_ = 0;
  std::size_t refused_ = 0;
  bool closed_ = false;
};

}  // namespace sluice::deliver
