#include "deliver/delivery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "batch/batch_id.h"

namespace sluice::deliver {

Delivery::Delivery(LaneId lane_of_it, TopicPartition of, std::unique_ptr<batch::Batch> records,
                   const DeliveryWaits& waits, Random& random, batch::MemoryMeter& memory)
    : lane(lane_of_it),
      partition(std::move(of)),
      batch(std::move(records)),
      packed(memory),
      random_(random),
      waits_(waits),
      backoff_(waits.retry, random),
      rest_backoff_(waits.retry, random),
      bisection_(batch->size()) {
  choose_part();
}

std::string_view Delivery::body() { return batch->body().frame(part_->first, part_->last); }

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
                                : neighbours ? count_against(record)
                                             : tally(record).counted;
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
  if (!parked_) parked_in_a_row_ = 0;
  not_before = now + (parked_ ? parked_wait() : backoff_.next());
  return next;
}

// As a breaker opens: growing, with a tenth of jitter.
Duration Delivery::parked_wait() {
  const Backoff::Limits& limits = waits_.parked;
  const double grown =
      static_cast<double>(limits.initial.count()) * std::pow(limits.multiplier, parked_in_a_row_);
  ++parked_in_a_row_;
  const double base = std::min(grown, static_cast<double>(limits.max.count()));
  return Duration(static_cast<Duration::rep>(base * (1 + 0.1 * random_.next_unit())));
}

std::unique_ptr<batch::Batch> Delivery::replace(std::unique_ptr<batch::Batch> rest,
                                                const std::vector<std::size_t>& kept) {
  std::vector<Tally> tallies;
  for (const std::size_t record : kept) {
    if (!tallies_.empty()) tallies.push_back(tallies_[record]);
  }
  tallies_ = std::move(tallies);
  auto before = std::exchange(batch, std::move(rest));
  bisection_ = Bisection(batch->size());
  suspicion_.clear();
  suspects_end_ = 0;
  choose_part();
  return before;
}

void Delivery::try_now() {
  not_before = Instant{};
  parked_in_a_row_ = 0;
}

void Delivery::note_sent(WallTime now) {
  if (!first_sent_) first_sent_ = now;
  last_sent_ = now;
}

Delivery::Tally& Delivery::tally(std::size_t record) {
  if (tallies_.empty()) tallies_.resize(batch->size());
  return tallies_[record];
}

void Delivery::note_undelivered() {
  for (std::size_t i = part_->first; i < part_->last; ++i) ++tally(i).requests;
}

std::uint32_t Delivery::requests_of(std::size_t record) const {
  return tallies_.empty() ? 0 : tallies_[record].requests;
}

std::uint32_t Delivery::count_against(std::size_t record) { return ++tally(record).counted; }

void Delivery::choose_part() {
  backoff_.reset();
  parked_in_a_row_ = 0;
  not_before = Instant{};
  failed_at_.reset();
  unanswered_ = false;
  parked_ = false;
  part_ = bisection_.next();
  if (!part_) return;
  while (part_->size() > 1 && batch->body().framed_size(part_->first, part_->last) > most_bytes_) {
    --part_->last;
  }
  name_part();
}

void Delivery::name_part() {
  packed.clear();
  batch_id_ = batch::batch_id(partition.topic, partition.partition, *batch, *part_, body());
}

}  // namespace sluice::deliver
