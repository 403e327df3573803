#include "batch/strands.h"

#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::batch {
namespace {

// A batch of few records is nothing to stop reading for.
constexpr std::size_t kFewRecords = 500;
// Groups of one partition that are open at once; each has an arena.
constexpr std::size_t kMostStrands = 1000;

std::size_t shard_of(const RecordView& record, Ticket ticket, const Strands::Options& options) {
  if (options.key_shards == 1) return 0;
  // Without a key there is no order to keep: spread, but so that batches fill.
  if (!record.key) return (ticket / options.batch.max_records) % options.key_shards;
  return XXH3_64bits(record.key->data(), record.key->size()) % options.key_shards;
}

}  // namespace

Strands::Strands(TopicPartition of, const Options& options, codec::RecordCodec& codec,
                 codec::Router& router, BatchPool& pool)
    : of_(std::move(of)),
      options_(options),
      codec_(codec),
      router_(router),
      pool_(pool),
      by_shard_(options.key_shards, nullptr) {}

AddResult Strands::add(const RecordView& record, Ticket ticket, Instant now) {
  auto admitted = codec_.admit(record);
  if (auto* rejection = std::get_if<codec::Rejection>(&admitted)) return std::move(*rejection);
  if (std::holds_alternative<codec::Skipped>(admitted)) return codec::Skipped{};
  const std::string_view value = std::get<std::string_view>(admitted);
  if (!router_.fixed()) {
    if (auto rejection = router_.route(record, of_, value, route_)) return std::move(*rejection);
  }
  Strand& strand = strand_of(record, ticket);
  const bool was_open = strand.batcher.is_open();
  const std::size_t closed_before = strand.batcher.closed();
  auto rejection = strand.batcher.add(record, value, route_, ticket, now);
  const bool closed_one = strand.batcher.closed() != closed_before;
  if (closed_one) strand.overdue = false;
  if (strand.batcher.is_open() && (!was_open || closed_one)) {
    opened_.push_back({strand.id, *strand.batcher.open_since()});
  }
  if (closed_one) settle(strand);
  if (!rejection) return Added{};
  drop_if_empty(strand);
  return std::move(*rejection);
}

Strands::Strand& Strands::strand_of(const RecordView& record, Ticket ticket) {
  const std::size_t shard = shard_of(record, ticket, options_);
  if (!router_.groups()) {
    if (by_shard_[shard] == nullptr) by_shard_[shard] = &make_strand();
    return *by_shard_[shard];
  }
  group_ = route_.path;
  for (const std::string& value : route_.group) (group_ += '\0') += value;
  (group_ += '\0') += std::to_string(shard);
  const auto known = by_group_.find(group_);
  if (known != by_group_.end()) return *strands_.at(known->second);
  make_room_for_one_more();
  Strand& made = make_strand();
  made.group = group_;
  by_group_.emplace(group_, made.id);
  return made;
}

Strands::Strand& Strands::make_strand() {
  const std::uint64_t id = ++last_strand_;
  return *strands_.emplace(id, std::make_unique<Strand>(id, options_.batch, codec_, pool_))
              .first->second;
}

// The oldest open one goes at once instead of waiting for its linger.
void Strands::make_room_for_one_more() {
  if (strands_.size() < kMostStrands) return;
  while (!opened_.empty()) {
    const Opened oldest = opened_.front();
    opened_.pop_front();
    if (!still_open(oldest)) continue;
    Strand& strand = *strands_.at(oldest.strand);
    strand.batcher.close(CloseReason::route);
    settle(strand);
    return;
  }
}

bool Strands::waits(const Strand& strand) const {
  return strand.batcher.closed() > 0 || (options_.ordered && strand.under_way > 0);
}

// After anything changed in the strand.
void Strands::settle(Strand& strand) {
  if (strand.overdue && !waits(strand)) {
    strand.overdue = false;
    if (strand.batcher.open_since()) strand.batcher.close(CloseReason::linger);
  }
  const Batcher& batcher = strand.batcher;
  closed_ += batcher.closed() - strand.closed;
  strand.closed = batcher.closed();
  supply_records_ -= strand.supply_records;
  supply_bytes_ -= strand.supply_bytes;
  supply_memory_ -= strand.supply_memory;
  const bool stands_still = strand.held || strand.blocked > 0 || strand.overtaken;
  strand.supply_records = stands_still ? 0 : batcher.closed_records();
  strand.supply_bytes = stands_still ? 0 : batcher.closed_bytes();
  strand.supply_memory = stands_still ? 0 : batcher.closed_memory();
  supply_records_ += strand.supply_records;
  supply_bytes_ += strand.supply_bytes;
  supply_memory_ += strand.supply_memory;
  const bool may_go =
      batcher.closed() > 0 && strand.blocked == 0 && (!options_.ordered || strand.under_way == 0);
  if (may_go && !std::exchange(strand.ready, true)) ready_.push_back(strand.id);
}

bool Strands::still_open(const Opened& opened) const {
  const auto found = strands_.find(opened.strand);
  return found != strands_.end() && found->second->batcher.open_since() == opened.since;
}

void Strands::close_due(Instant now) {
  while (!opened_.empty()) {
    const Opened oldest = opened_.front();
    const bool open = still_open(oldest);
    if (open && now < oldest.since + options_.batch.linger) return;
    opened_.pop_front();
    if (!open) continue;
    Strand& strand = *strands_.at(oldest.strand);
    strand.overdue = true;
    settle(strand);
  }
}

std::optional<Instant> Strands::deadline() {
  while (!opened_.empty() && !still_open(opened_.front())) opened_.pop_front();
  if (opened_.empty()) return std::nullopt;
  return opened_.front().since + options_.batch.linger;
}

std::unique_ptr<Batch> Strands::take_next() {
  if (ready_.empty()) return nullptr;
  Strand& strand = *strands_.at(ready_.front());
  ready_.pop_front();
  return take_from(strand);
}

std::unique_ptr<Batch> Strands::take_next(Ticket first) {
  const auto found = std::find_if(ready_.begin(), ready_.end(), [&](std::uint64_t id) {
    return strands_.at(id)->batcher.first_ticket() == first;
  });
  if (found == ready_.end()) return nullptr;
  Strand& strand = *strands_.at(*found);
  ready_.erase(found);
  return take_from(strand);
}

std::unique_ptr<Batch> Strands::take_from(Strand& strand) {
  strand.ready = false;
  auto batch = strand.batcher.take_closed();
  batch->strand = strand.id;
  ++strand.under_way;
  strand.departure = ++last_departure_;
  if (options_.ordered) departed_.push_back({strand.id, strand.departure});
  settle(strand);
  return batch;
}

void Strands::finished(const Batch& batch) {
  Strand& strand = *strands_.at(batch.strand);
  assert(strand.under_way > 0);
  --strand.under_way;
  strand.held = strand.overtaken = false;
  settle(strand);
  if (options_.ordered) overtake_those_before(strand.departure);
  drop_if_empty(strand);
}

void Strands::overtake_those_before(std::uint64_t departure) {
  for (; !departed_.empty() && departed_.front().departure <= departure; departed_.pop_front()) {
    Strand& strand = *strands_.at(departed_.front().strand);
    if (strand.departure == departure) continue;
    strand.overtaken = true;
    settle(strand);
  }
}

void Strands::drop_if_empty(Strand& strand) {
  if (!router_.groups() || strand.under_way > 0 || !strand.batcher.holds_nothing()) return;
  by_group_.erase(strand.group);
  strands_.erase(strand.id);
}

void Strands::set_held(const Batch& batch, bool held) {
  if (!options_.ordered) return;  // the strand's other batches go past it
  Strand& strand = *strands_.at(batch.strand);
  if (strand.held == held) return;
  strand.held = held;
  settle(strand);
}

void Strands::set_blocked(const Batch& batch, bool blocked) {
  Strand& strand = *strands_.at(batch.strand);
  assert(blocked || strand.blocked > 0);
  if (blocked) {
    ++strand.blocked;
  } else {
    --strand.blocked;
  }
  if (strand.blocked > 0 && std::exchange(strand.ready, false)) std::erase(ready_, strand.id);
  settle(strand);
}

bool Strands::hold_enough() const {
  const std::size_t batches = options_.at_once;
  return closed_ > batches &&
         (supply_bytes_ >= batches * options_.batch.max_bytes ||
          supply_records_ >= std::max(batches * options_.batch.max_records, kFewRecords));
}

bool Strands::hold_little() const {
  if (options_.at_once == 1) return closed_ == 0;
  const std::size_t batches = options_.at_once;
  return 2 * supply_bytes_ < batches * options_.batch.max_bytes &&
         2 * supply_records_ < std::max(batches * options_.batch.max_records, kFewRecords);
}

std::optional<Duration> Strands::oldest_age(Instant now, WallTime wall) const {
  std::optional<Duration> oldest;
  for (const auto& [id, strand] : strands_) {
    const auto age = strand->batcher.oldest_age(now, wall);
    if (age) oldest = std::max(oldest.value_or(*age), *age);
  }
  return oldest;
}

}  // namespace sluice::batch
