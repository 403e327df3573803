// Where the outcomes of records go.
#pragma once

#include <cstddef>
#include <memory>

#include "base/record.h"
#include "batch/batch.h"
#include "codec/envelope.h"

namespace sluice::deliver {

// What became of records; called on the worker's thread, from inside the deliverer's functions.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;
  virtual void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) = 0;
  // Not delivered, and not to be tried again: for the dead-letter topic.
  virtual void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
                       codec::DeadLetterCause cause) = 0;
  // Left out by on_exhausted or on_expired.
  virtual void dropped(LaneId lane, const batch::Batch& batch, std::size_t record) = 0;
  // A record is under suspicion and waits, or does so no more.
  virtual void held(LaneId lane, const batch::Batch& batch, bool held) = 0;
  // The batch's tenant keeps it from going, or does so no more: so it is with all of its strand.
  // One that stands would be no repeat if it were sent after a crash.
  virtual void stands(LaneId lane, const batch::Batch& batch, bool stands) = 0;
  // But one that stands may be under way to see whether it goes by now, or was without an answer.
  virtual void stands_sent(LaneId lane, const batch::Batch& batch, bool sent) = 0;
  // Whether a batch that stood, and whose records from `first` on are left, may be sent as far as
  // the bound on repeats goes.
  virtual bool may_go_on(LaneId lane, const batch::Batch& batch, std::size_t first) const = 0;
  // Every record of the batch was reported above. It may be another object than the one that was
  // started, with the records that were left.
  virtual void finished(LaneId lane, std::unique_ptr<batch::Batch> batch) = 0;
};

}  // namespace sluice::deliver
