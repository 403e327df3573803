#include "batch/batcher.h"

#include <algorithm>
#include <utility>

namespace sluice::batch {
namespace {

std::size_t bytes_of(const Batch& batch) { return batch.body().size() + batch.aside_bytes(); }

}  // namespace

std::optional<codec::Rejection> Batcher::add(const RecordView& record, std::string_view value,
                                             const codec::Route& route, Ticket ticket,
                                             Instant now) {
  if (open_ && open_->route != route) close(CloseReason::route);
  if (open_ && !fits(record, value)) close(CloseReason::bytes);
  auto batch = open_ ? std::move(open_) : pool_.take();
  if (auto rejection = codec_.append(value, batch->body())) {
    if (batch->empty()) {
      pool_.give_back(std::move(batch));
    } else {
      open_ = std::move(batch);
    }
    return rejection;
  }
  if (batch->empty()) {
    batch->opened_at = now;
    batch->route = route;
  }
  batch->keep(record, ticket);
  open_ = std::move(batch);
  if (open_->size() >= limits_.max_records) {
    close(CloseReason::count);
  } else if (open_->body().size() >= limits_.max_bytes) {
    close(CloseReason::bytes);
  }
  return std::nullopt;
}

// Keys and headers are not sent, but held: they have as much room as the body.
bool Batcher::fits(const RecordView& record, std::string_view value) const {
  std::size_t aside = open_->aside_bytes() + (record.key ? record.key->size() : 0);
  for (const auto& header : record.headers) {
    aside += header.name.size() + (header.value ? header.value->size() : 0);
  }
  return open_->body().size_with(value.size()) <= limits_.max_bytes && aside <= limits_.max_bytes;
}

std::optional<Instant> Batcher::open_since() const {
  if (!open_) return std::nullopt;
  return open_->opened_at;
}

std::unique_ptr<Batch> Batcher::take_closed() {
  if (closed_.empty()) return nullptr;
  auto batch = std::move(closed_.front());
  closed_.pop_front();
  closed_records_ -= batch->size();
  closed_bytes_ -= bytes_of(*batch);
  closed_memory_ -= batch->memory();
  return batch;
}

void Batcher::close(CloseReason reason) {
  open_->closed_by = reason;
  closed_records_ += open_->size();
  closed_bytes_ += bytes_of(*open_);
  closed_memory_ += open_->memory();
  closed_.push_back(std::move(open_));
}

std::optional<Duration> Batcher::oldest_age(Instant now, WallTime wall) const {
  std::optional<Duration> oldest;
  const auto look_at = [&](const Batch& batch) {
    const Duration age = batch.oldest_age(0, now, wall);
    oldest = std::max(oldest.value_or(age), age);
  };
  if (open_) look_at(*open_);
  for (const auto& batch : closed_) look_at(*batch);
  return oldest;
}

}  // namespace sluice::batch
