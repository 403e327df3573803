#include "deliver/delivery.h"

#include <algorithm>
#include <utility>

#include "batch/batch_id.h"

namespace sluice::deliver {

Delivery::Delivery(LaneId lane_of_it, TopicPartition of, std::unique_ptr<batch::Batch> records,
                   const DeliveryWaits& waits, Random& random, batch::MemoryMeter& memory)
    : lane(lane_of_it),
      partition(std::move(of)),
      batch(std::move(records)),
      packed(memory),
      tallies(batch->size()),
      waits_(waits, random),
      bisection_(batch->size()) {
  choose_part();
}

std::string_view Delivery::body() { return batch->body().frame(part_->first, part_->last); }

RequestSize Delivery::size() const {
  return {part_->size(), batch->body().framed_size(part_->first, part_->last)};
}

void Delivery::cut(RequestSize most) {
  const std::size_t last = part_->last;
  part_->last = part_->first + std::min(part_->size(), std::max(most.records, std::size_t{1}));
  while (part_->size() > 1 && batch->body().framed_size(part_->first, part_->last) > most.bytes) {
    --part_->last;
  }
  if (part_->last != last) name_part();
}

void Delivery::part_delivered() {
  const batch::Range sent = *part_;
  bisection_.delivered(sent);
  suspicion_.part_delivered();
  if (sent.last >= suspects_end_) suspicion_.clear();
  choose_part();
}

bool Delivery::part_refused(std::optional<std::size_t> named) {
  const bool alone = bisection_.refused(*part_);
  if (alone) {
    suspicion_.clear();
  } else if (named) {
    bisection_.named(*named);
  }
  choose_part();
  return alone;
}

bool Delivery::part_too_large() {
  if (alone()) {
    most_bytes_ = SIZE_MAX;  // it was this record: the others' bodies need not stay small
    return part_refused();
  }
  most_bytes_ = batch->body().framed_size(part_->first, part_->last) / 2;
  choose_part();
  return false;
}

Suspicion::Next Delivery::part_failed(bool neighbours, bool answered,
                                      const Suspicion::Limits& limits, Instant now) {
  const std::size_t record = part_->first;
  const bool single = alone();
  const std::uint32_t counted = !single      ? 0
                                : neighbours ? tallies.use_attempt(record)
                                             : tallies.attempts_used(record);
  suspects_end_ = part_->last;
  const Suspicion::Next next = suspicion_.failed(single, neighbours, counted, limits);
  failed_at_ = now;
  unanswered_ = unanswered_ || !answered;  // an answer since does not take it back
  parked_ = next == Suspicion::Next::park;
  if (next == Suspicion::Next::narrow || next == Suspicion::Next::exhausted) {
    bisection_.refused(*part_);
    if (next == Suspicion::Next::exhausted) suspicion_.clear();
    choose_part();
    failed_at_ = now;
    return next;
  }
  trying_again_ = true;
  not_before = now + (parked_ ? waits_.parked() : waits_.after_failure());
  return next;
}

void Delivery::wait_for_the_rest(Instant now) {
  trying_again_ = true;
  not_before = now + waits_.for_the_rest();
}

std::unique_ptr<batch::Batch> Delivery::replace(std::unique_ptr<batch::Batch> rest,
                                                const std::vector<std::size_t>& kept) {
  tallies.keep(kept);
  tried_end_ = static_cast<std::size_t>(std::lower_bound(kept.begin(), kept.end(), tried_end_) -
                                        kept.begin());
  auto before = std::exchange(batch, std::move(rest));
  bisection_ = Bisection(batch->size());
  suspicion_.clear();
  suspects_end_ = 0;
  choose_part();
  return before;
}

void Delivery::try_now() {
  not_before = Instant{};
  waits_.restart_parked();
}

bool Delivery::note_sent(WallTime now) {
  if (!first_sent_) first_sent_ = now;
  last_sent_ = now;
  const bool again = part_->first < tried_end_;
  tried_end_ = std::max(tried_end_, part_->last);
  return again;
}

void Delivery::note_undelivered() {
  for (std::size_t i = part_->first; i < part_->last; ++i) tallies.note_undelivered(i);
}

void Delivery::choose_part() {
  waits_.restart();
  not_before = Instant{};
  failed_at_.reset();
  unanswered_ = false;
  parked_ = false;
  trying_again_ = false;
  part_ = bisection_.next();
  if (!part_) return;
  while (part_->size() > 1 && batch->body().framed_size(part_->first, part_->last) > most_bytes_) {
    --part_->last;
  }
  name_part();
}

void Delivery::name_part() {
  packed.clear();
  batch_id_ = batch::batch_id(partition.topic, partition.partition, *batch, *part_);
}

}  // namespace sluice::deliver
