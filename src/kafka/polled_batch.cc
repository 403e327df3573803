#include "kafka/polled_batch.h"

#include <algorithm>
#include <cassert>

namespace sluice::kafka {
namespace {

// What may come in one call although the reader has had enough after its first record.
constexpr std::size_t kBytesAtOnce = 64 * 1024;

}  // namespace

void PolledBatch::fill(rd_kafka_queue_t* queue) {
  assert(empty());
  next_ = count_ = 0;
  const auto taken = rd_kafka_consume_batch_queue(queue, 0, messages_.data(), at_once_);
  if (taken <= 0) return;
  count_ = static_cast<std::size_t>(taken);
  std::size_t bytes = 1;
  for (std::size_t i = 0; i < count_; ++i) bytes += messages_[i]->len;
  at_once_ = std::clamp(kBytesAtOnce * count_ / bytes, std::size_t{1}, kMost);
}

MessageHandle PolledBatch::next() {
  if (empty()) return nullptr;
  return MessageHandle(messages_[next_++]);
}

void PolledBatch::clear() {
  while (next()) {
  }
}

}  // namespace sluice::kafka
