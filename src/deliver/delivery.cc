#include "deliver/delivery.h"

#include <algorithm>
#include <utility>

#include "batch/batch_id.h"

namespace sluice::deliver {

Delivery::Delivery(TopicPartition of, std::unique_ptr<batch::Batch> records,
                   const Backoff::Limits& limits, Random& random, batch::MemoryMeter& memory)
    : partition(std::move(of)),
      batch(std::move(records)),
      packed(memory),
      backoff(limits, random),
      bisection_(batch->size()) {
  choose_part();
}

std::string_view Delivery::body() { return batch->body().frame(part_->first, part_->last); }

void Delivery::part_delivered() {
  bisection_.delivered(*part_);
  choose_part();
}

bool Delivery::part_refused(std::size_t& record) {
  refusals_.push_back(*part_);
  record = part_->first;
  const bool alone = bisection_.refused(*part_);
  choose_part();
  return alone;
}

bool Delivery::part_too_large(std::size_t& record) {
  if (part_->size() == 1) {
    most_bytes_ = SIZE_MAX;  // it was this record: the others' bodies need not stay small
    return part_refused(record);
  }
  refusals_.push_back(*part_);
  most_bytes_ = batch->body().framed_size(part_->first, part_->last) / 2;
  choose_part();
  return false;
}

std::uint32_t Delivery::refusals_of(std::size_t record) const {
  return static_cast<std::uint32_t>(std::count_if(
      refusals_.begin(), refusals_.end(),
      [&](const batch::Range& range) { return record >= range.first && record < range.last; }));
}

void Delivery::choose_part() {
  backoff.reset();
  not_before = Instant{};
  packed.clear();
  part_ = bisection_.next();
  if (!part_) return;
  while (part_->size() > 1 && batch->body().framed_size(part_->first, part_->last) > most_bytes_) {
    --part_->last;
  }
  batch_id_ = batch::batch_id(partition.topic, partition.partition, *batch, *part_, body());
}

}  // namespace sluice::deliver
