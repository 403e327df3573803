// What this process has done since counting began. A program that links counters.cc counts in the
// C++ allocator, in memcpy() and memmove(), and in pthread_mutex_lock(), which std::mutex calls; in
// all of its libraries, too, but not in what a C library does by malloc(). Not under a sanitizer,
// which takes their places itself.
#pragma once

#include <cstddef>

namespace sluice::bench {

struct Counts {
  std::size_t allocations = 0;
  std::size_t allocated_bytes = 0;
  std::size_t copied_bytes = 0;
  std::size_t locks = 0;
};

// From zero. One thread at a time; other threads' doings count, too.
void start_counting();
Counts stop_counting();

}  // namespace sluice::bench
