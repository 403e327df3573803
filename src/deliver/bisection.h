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
// everything behind it goes as one part again; but where it stood directly behind another bad one,
// the next record goes alone first, so that a batch of bad records takes one request for each. For
// k bad records of n that takes at most k * (ceil(log2 n) + 2) requests after the first. Pure.
class Bisection {
 public:
  explicit Bisection(std::size_t records) : suspect_end_(records), end_(records) {}

  // nullopt: every record has its outcome. The caller may send a shorter part with the same first
  // record, and reports on what it sent.
  std::optional<batch::Range> next() const;

  // A bad record is known to be among the next ones.
  bool searching() const { return searching_; }

  void delivered(batch::Range sent);
  // The API refused `sent`. True: it was one record, which is out now; the caller sees to it.
  bool refused(batch::Range sent);
  // After refused() of more than one record: the API said that this one of them is bad. What is in
  // front of it goes as one part, then it goes alone: three requests for a bad record. Once the API
  // named a good record, or a bad one that was not the first, it is not listened to any more: that
  // costs two requests above the bound at most.
  void named(std::size_t record);

 private:
  std::size_t first_ = 0;    // records before it have an outcome
  std::size_t suspect_end_;  // where searching_, a bad record stands in [first_, suspect_end_)
  std::size_t end_;
  bool searching_ = false;
  std::optional<std::size_t> named_;
  bool names_hold_ = true;  // no name was wrong so far
  std::optional<std::size_t> last_bad_;
  bool next_alone_ = false;
};

}  // namespace sluice::deliver
