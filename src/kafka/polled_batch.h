// Private to this folder.
#pragma once

#include <array>
#include <cstddef>

#include "kafka/handles.h"

namespace sluice::kafka {

// Messages that were taken off a queue together: a fifth of what reading costs is per call. They
// have left the queue, so pausing, seeking or unassigning does not reach them. For one thread.
class PolledBatch {
 public:
  PolledBatch() = default;
  ~PolledBatch() { clear(); }
  PolledBatch(const PolledBatch&) = delete;
  PolledBatch& operator=(const PolledBatch&) = delete;

  // Takes what `queue` has, without waiting, after all before was taken. At most 64, and fewer
  // where records are large: about 64 KiB, guessed from those before.
  void fill(rd_kafka_queue_t* queue);
  // The oldest, an error as well; null when there is none.
  MessageHandle next();
  bool empty() const { return next_ == count_; }
  void clear();

 private:
  static constexpr std::size_t kMost = 64;

  std::array<rd_kafka_message_t*, kMost> messages_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t at_once_ = 1;
};

}  // namespace sluice::kafka
