// From the consumer into batches, and when to stop taking.
#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

// A turn of the loop handles about this many records at most, so that requests keep moving: libcurl
// sends 64 KiB of each in a turn, so a body of 390 KB takes seven. With more in a turn the batches
// behind it wait for so long that they are out of the processor's cache when they are signed.
constexpr std::size_t kRecordsPerTurn = 64;
// So few more batches of a partition may be sent before it has to wait for a commit: that one does
// not keep the pace of the others then.
constexpr std::size_t kRoomForHurry = 2;
// Idle batches are freed when no record has come for so long.
constexpr Duration kIdleFor = std::chrono::seconds(10);

}  // namespace

bool Session::may_poll() const {
  // While stopping, too: a rebalance must not wait for our end. Its records are passed over.
  const bool member = phase_ != Phase::starting;
  return member && !some_partition_full_ && !revoking_ && rebalances_.empty();
}

void Session::poll_records(Instant now) {
  if (!may_poll()) return;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  const auto may_go_on = [&](std::size_t polled) {
    return (polled < kRecordsPerTurn && !some_partition_full_) || consumer_->holds_records();
  };
  for (std::size_t i = 0; may_go_on(i); ++i) {
    const auto* polled = consumer_->poll();
    if (polled == nullptr) {
      consumer_may_have_more_ = false;
      break;
    }
    if (phase_ == Phase::stopping) continue;
    ++records;
    bytes += polled->record.value ? polled->record.value->size() : 0;
    take_record(*polled, now);
  }
  if (records == 0) return;
  last_records_at_ = now;
  brokers_serve_us();
  totals_.records_consumed += records;
  parts_.metrics.records_consumed(records, bytes);
}

void Session::take_record(const kafka::PolledRecord& polled, Instant now) {
  Partition* partition = find(polled.topic, polled.partition);
  const RecordView& record = polled.record;
  // A partition that left or stands at a place that is no more, or a record that was read before a
  // pause: its offset is not committed for it, so passing over it loses nothing.
  if (partition == nullptr || partition->draining || partition->out_of_range) return;
  if (record.offset < partition->next_offset) return;
  partition->next_offset = record.offset + 1;
  partition->refused.clear();
  if (!partition->first_offset) {
    partition->first_offset = record.offset;
    // Says where a new group begins, and gives doubt_membership() something to confirm.
    if (!committer_.committed(partition->lane)) {
      committer_.update(partition->lane, record.offset);
    }
  }
  const bool finished_before = partition->ledger.finished_before(record.offset);
  const Ticket ticket = partition->ledger.add(record.offset);
  if (finished_before) {
    complete(*partition, ticket);
    return;
  }
  const std::size_t closed_before = partition->strands.closed();
  auto added = partition->strands.add(record, ticket, now);
  if (std::holds_alternative<batch::Added>(added)) pass_failpoint(Failpoint::record_polled);
  if (auto* rejection = std::get_if<codec::Rejection>(&added)) {
    reject(*partition, record, ticket, std::move(*rejection));
    note_fullness(*partition, now);
  } else if (std::holds_alternative<codec::Skipped>(added)) {
    ++totals_.records_dropped;
    parts_.metrics.records_dropped(1);
    complete(*partition, ticket);
  }
  // Enough is counted in closed batches, and in memory.
  const bool closed_one = partition->strands.closed() != closed_before;
  if (closed_one || memory_of_batches() > memory_share_) note_fullness(*partition, now);
}

void Session::reject(Partition& partition, const RecordView& record, Ticket ticket,
                     codec::Rejection rejection) {
  codec::DeadLetterCause cause;
  cause.reason = rejection.reason;
  cause.detail = std::move(rejection.detail);
  dead_letter::DeadLetter letter = letter_for(partition, ticket, std::move(cause));
  letter.origin.offset = record.offset;
  letter.origin.timestamp_ms = record.timestamp_ms;
  if (record.key) letter.key = std::string(*record.key);
  if (record.value) letter.value = std::string(*record.value);
  for (const auto& header : record.headers) {
    letter.headers.push_back(
        {std::string(header.name),
         header.value ? std::optional<std::string>(*header.value) : std::nullopt});
  }
  send_dead_letter(partition, std::move(letter));
}

Partition* Session::find(std::string_view topic, std::int32_t number) {
  const auto matches = [&](const Partition& partition) {
    return partition.of.partition == number && partition.of.topic == topic;
  };
  if (last_found_ != nullptr && matches(*last_found_)) return last_found_;
  for (auto& [lane, partition] : partitions_) {
    if (!matches(partition)) continue;
    last_found_ = &partition;
    return last_found_;
  }
  return nullptr;
}

bool Session::holds_enough(const Partition& partition) const {
  if (!partition.blocked.empty()) return true;
  // Dead letters that cannot be written must not pile up either.
  const std::size_t letters = outbox_ ? outbox_->bytes() : 0;
  if (outbox_ && (outbox_->stalled() || letters > memory_share_ / 4)) return true;
  const std::size_t used = memory_of_batches() + letters;
  if (used > memory_share_) return true;
  // What is left is for partitions that have nothing: a batch for each as far as it goes.
  if (used > shared_memory()) {
    return partition.strands.closed() > 0 || !deliverer_.idle(partition.lane);
  }
  return partition.strands.hold_enough() &&
         read_ahead_.enough(partition.strands.stock(), used, partitions_.size());
}

// What partitions may take before each of them may have one batch only.
std::size_t Session::shared_memory() const {
  const std::size_t batch =
      std::max(options_.pipeline.batch.max_bytes, options_.pipeline.max_record_bytes);
  return read_ahead_.most(partitions_.size(), batch);
}

bool Session::holds_little(const Partition& partition) const {
  return partition.strands.hold_little() ||
         read_ahead_.little(partition.strands.stock(), memory_of_batches(), partitions_.size());
}

void Session::note_fullness(Partition& partition, Instant now) {
  if (!holds_enough(partition)) {
    if (holds_little(partition)) partition.full_since.reset();
    if (!partition.full_since) return;
  }
  if (!partition.full_since) partition.full_since = now;
  if (!partition.paused) some_partition_full_ = true;
}

Duration Session::patience() const {
  const bool some_would_read = std::any_of(
      partitions_.begin(), partitions_.end(),
      [](const auto& entry) { return !entry.second.full_since && !entry.second.out_of_range; });
  return some_would_read ? kPatience : kPatienceAlone;
}

void Session::regulate_flow(Instant now) {
  some_partition_full_ = false;
  hold_partitions();
  for (auto& [lane, partition] : partitions_) note_fullness(partition, now);
  const Duration patience_now = patience();
  for (auto& [lane, partition] : partitions_) {
    if (partition.paused) {
      if (partition.full_since || operator_pause_.on()) continue;
      consumer_->resume(partition.of);
      partition.paused = false;
    } else if (partition.full_since && now >= *partition.full_since + patience_now) {
      consumer_->pause(partition.of);
      partition.paused = true;
    }
  }
  for (const auto& [lane, partition] : partitions_) {
    some_partition_full_ |= partition.full_since.has_value() && !partition.paused;
  }
  // Idle batches are memory, too, and for a while only.
  if (memory_used() > shared_memory() || now >= last_records_at_ + kIdleFor) pool_.trim();
}

bool Session::may_start() const {
  if (unsure_of_membership_ || after_pause_ || operator_pause_.holds_requests()) return false;
  return phase_ == Phase::running && !(outbox_ && outbox_->stalled());
}

std::unique_ptr<batch::Batch> Session::next_batch(Partition& partition) const {
  const bool room = partition.sent.unconfirmed() < options_.pipeline.max_unconfirmed_batches;
  if (room && partition.sent.aside() < kMostAside) return partition.strands.take_next();
  if (!stands_for_ever(partition)) return nullptr;
  return partition.strands.take_next(partition.ledger.oldest());
}

// Sending is about to wait for a commit.
bool Session::needs_commit_soon(const Partition& partition) const {
  return partition.sent.unconfirmed() + kRoomForHurry >= options_.pipeline.max_unconfirmed_batches;
}

// What is finished farther beyond the commit point than a commit can say has taken all places, and
// nothing but the record that commits wait for makes room again: it goes beyond the limit.
bool Session::stands_for_ever(const Partition& partition) const {
  const bool writing = outbox_ && outbox_->pending(partition.lane) > 0;
  return partition.ledger.outstanding() > 0 && !writing && !deliverer_.in_flight(partition.lane) &&
         committer_.settled(partition.lane);
}

void Session::start_batches(Instant now) {
  // To drain is to send what was read, without waiting for more of it.
  const Instant closing = operator_pause_.draining() ? Instant::max() : now;
  for (auto& [lane, partition] : partitions_) {
    partition.strands.close_due(closing);
    if (needs_commit_soon(partition)) committer_.hurry();
    if (!may_start() || partition.draining || partition.sends_nothing) continue;
    while (auto batch = next_batch(partition)) {
      batch->sent_as = partition.sent.sent(batch->entry(batch->size() - 1).offset);
      parts_.metrics.batch_closed(batch->closed_by, batch->size(), batch->body().size());
      deliverer_.start(lane, partition.of, std::move(batch));
    }
  }
  regulate_flow(now);
}

}  // namespace sluice::pipeline
