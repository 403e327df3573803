// Finds the records of a batch that the API refuses, in few requests.
#pragma once

#include <cstddef>
#include <optional>

#include "batch/batch.h"

namespace sluice::deliver {

// Which part of a batch to send next, given what became of the parts before it. Parts are sent one
// at a time and from front to back, so that good records keep their order.
//
// The first bad record is found by searching prefixes: a good prefix is delivered as part of the
// search, a bad one is halved, and a record is called bad only when it was refused alone. Then
// everything behind it goes as one part again. For k bad records of n that takes at most
// k * (ceil(log2 n) + 2) requests after the first. Pure.
class Bisection {
 public:
  explicit Bisection(std::size_t records) : suspect_end_(records), end_(records) {}

  // nullopt: every record has its outcome. The caller may send a shorter part with the same first
  // record, and reports on what it sent.
  std::optional<batch::Range> next() const;

  void delivered(batch::Range sent);
  // The API refused `sent`. True: it was one record, which is out now; the caller sees to it.
  bool refused(batch::Range sent);

 private:
  std::size_t first_ = 0;    // records before it have an outcome
  std::size_t suspect_end_;  // where searching_, a bad record stands in [first_, suspect_end_)
  std::size_t end_;
  bool searching_ = false;
};

}  // namespace sluice::deliver
