// The requests that failed lately, for those who look at it now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::telemetry {

struct Failure {
  WallTime time{};  // of the last of them
  std::uint64_t count = 1;
  std::string pipeline = {};
  std::string topic = {};
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::string batch_id = {};
  Verdict verdict = Verdict::retry;
  int status = 0;  // of HTTP; 0: no answer
  std::string detail = {};
};

// The last kMost kinds of them. Equal ones (pipeline, verdict, status, detail) are one, with a
// count and the rest of the last. Thread-safe.
class Failures {
 public:
  static constexpr std::size_t kMost = 50;

  void add(Failure failure);
  // Newest first.
  std::vector<Failure> list() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Failure> failures_;
};

}  // namespace sluice::telemetry
