// Tells a record that cannot be delivered from a target that does not deliver.
#pragma once

#include <cstdint>

namespace sluice::deliver {

// Promise 4 in code, for one batch: what to do after an attempt that neither delivered nor refused
// its records (5xx, no answer, 403). A failure says something about the records only where a
// neighbour (any request of the target's credential) that was sent after the failure before was
// delivered; such a failure is counted, any other is lonely. Pure.
class Suspicion {
 public:
  struct Limits {
    std::uint32_t batch_failures;  // counted ones after which a batch is searched for the record
    std::uint32_t attempts;        // counted ones of a record alone that it has
    std::uint32_t lonely;          // of a suspect record in a row, before it is parked
    bool park_exhausted = false;   // used-up attempts park, too
  };
  enum class Next : std::uint8_t {
    again,      // after the usual wait
    narrow,     // send a part of it
    exhausted,  // the record has used up its attempts
    park,       // again, but rarely: no neighbour tells whether the record or the target is bad
  };

  // The part in hand failed. `counted_alone`: failures of the record alone that were counted, this
  // one included; 0 where the part holds more than one record.
  Next failed(bool alone, bool neighbours, std::uint32_t counted_alone, const Limits& limits) {
    failed_ = true;
    if (neighbours) ++counted_;
    lonely_ = neighbours ? 0 : lonely_ + 1;
    if (!alone) {
      if (!narrowing_ && counted_ < limits.batch_failures) return Next::again;
      start_narrowing();
      return Next::narrow;
    }
    if (counted_alone > 0) suspect_ = true;
    const bool used_up = counted_alone >= limits.attempts;
    if (used_up && limits.park_exhausted) return Next::park;
    // Not by failures of another kind alone: after 5xx a 403 takes a proof of its own.
    if (used_up && neighbours) return Next::exhausted;
    return suspect_ && lonely_ >= limits.lonely ? Next::park : Next::again;
  }

  // A part of the batch was delivered. Where it failed before, its other records are under
  // suspicion from here on.
  void part_delivered() {
    counted_ = lonely_ = 0;
    if (failed_) start_narrowing();
  }

  // The bad record is found, or there is none: what follows has not failed yet.
  void clear() { *this = Suspicion(); }

  // Failures in a row without a neighbour.
  std::uint32_t lonely() const { return lonely_; }
  // Failures say nothing of the target.
  bool blames_record() const { return narrowing_ || suspect_; }

 private:
  void start_narrowing() {
    narrowing_ = suspect_ = true;
    counted_ = lonely_ = 0;
  }

  bool failed_ = false;
  bool narrowing_ = false;  // smaller and smaller parts are sent
  bool suspect_ = false;
  std::uint32_t counted_ = 0;
  std::uint32_t lonely_ = 0;
};

}  // namespace sluice::deliver
