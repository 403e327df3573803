// From outcomes to commits.
#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/record_time.h"
#include "pipeline/options_of.h"
#include "pipeline/session.h"

namespace sluice::pipeline {

void Session::delivered(LaneId lane, const batch::Batch& batch, batch::Range records) {
  Partition& partition = partitions_.at(lane);
  for (std::size_t i = records.first; i < records.last; ++i) {
    partition.ledger.complete(batch.entry(i).ticket);
  }
  pass_failpoint(Failpoint::outcome_noted);
  note_progress(partition);
  totals_.records_delivered += records.size();
  parts_.metrics.records_delivered(records.size());
  if (batch.oldest_timestamp_ms() < 0) return;
  parts_.metrics.batch_delivered(parts_.clock.wall_now() -
                                 record_time(batch.oldest_timestamp_ms()));
}

void Session::refused(LaneId lane, const batch::Batch& batch, std::size_t record,
                      codec::DeadLetterCause cause) {
  Partition& partition = partitions_.at(lane);
  const auto& entry = batch.entry(record);
  dead_letter::DeadLetter letter = letter_for(partition, entry.ticket, std::move(cause));
  letter.origin.offset = entry.offset;
  letter.origin.timestamp_ms = entry.timestamp_ms;
  if (const auto key = batch.key(record)) letter.key = std::string(*key);
  if (const auto value = batch.value(record)) letter.value = std::string(*value);
  letter.headers = batch.headers(record);
  partition.sent.letter(batch.sent_as, entry.ticket);
  // Without a place for it the records behind it stay where they are, too.
  if (!outbox_) partition.sends_nothing = true;
  send_dead_letter(partition, std::move(letter));
}

void Session::dropped(LaneId lane, const batch::Batch& batch, std::size_t record) {
  ++totals_.records_dropped;
  parts_.metrics.records_dropped(1);
  complete(partitions_.at(lane), batch.entry(record).ticket);
}

void Session::held(LaneId lane, const batch::Batch& batch, bool held) {
  // Where nothing can go past it, there is no need to read on.
  if (may_run_ahead(options_.pipeline, options_.target)) {
    partitions_.at(lane).strands.set_held(batch, held);
  }
}

// What was not sent or was refused for its credentials would be no repeat: it takes no place of
// those that are unconfirmed.
void Session::stands(LaneId lane, const batch::Batch& batch, bool stands) {
  Partition& partition = partitions_.at(lane);
  partition.strands.set_blocked(batch, stands);
  partition.sent.set_aside(batch.sent_as, stands);
}

void Session::stands_sent(LaneId lane, const batch::Batch& batch, bool sent) {
  partitions_.at(lane).sent.set_aside(batch.sent_as, !sent);
}

// As next_batch() decides of those that begin.
bool Session::may_go_on(LaneId lane, const batch::Batch& batch, std::size_t first) const {
  const Partition& partition = partitions_.at(lane);
  if (partition.sent.unconfirmed() < options_.pipeline.max_unconfirmed_batches) return true;
  return stands_for_ever(partition) && batch.entry(first).ticket == partition.ledger.oldest();
}

void Session::finished(LaneId lane, std::unique_ptr<batch::Batch> batch) {
  Partition& partition = partitions_.at(lane);
  partition.sent.answered(batch->sent_as);
  note_progress(partition);
  partition.strands.finished(*batch);
  pool_.give_back(std::move(batch));
}

void Session::complete(Partition& partition, Ticket ticket) {
  partition.ledger.complete(ticket);
  note_progress(partition);
}

void Session::note_progress(Partition& partition) {
  if (const auto point = partition.ledger.commit_point()) {
    committer_.update(partition.lane, *point);
  }
  if (partition.ledger.has_ahead()) committer_.note_ahead(partition.lane);
  if (partition.gap_end && partition.ledger.outstanding() == 0) {
    committer_.update(partition.lane, *std::exchange(partition.gap_end, std::nullopt));
  }
}

void Session::dead_letter_confirmed(LaneId lane, Ticket ticket) {
  auto found = partitions_.find(lane);
  if (found == partitions_.end()) return;
  ++totals_.records_dead_lettered;
  found->second.sent.letter_confirmed(ticket);
  complete(found->second, ticket);
  pass_failpoint(Failpoint::outcome_noted);
}

dead_letter::DeadLetter Session::letter_for(const Partition& partition, Ticket ticket,
                                            codec::DeadLetterCause cause) const {
  dead_letter::DeadLetter letter;
  letter.lane = partition.lane;
  letter.ticket = ticket;
  letter.origin.pipeline = options_.pipeline.name;
  letter.origin.topic = partition.of.topic;
  letter.origin.partition = partition.of.partition;
  letter.cause = std::move(cause);
  return letter;
}

void Session::send_dead_letter(Partition& partition, dead_letter::DeadLetter letter) {
  if (outbox_) {
    outbox_->add(std::move(letter));
    return;
  }
  if (!std::exchange(partition.undeliverable, true)) {
    partition.undeliverable_since_ms = letter.origin.timestamp_ms;
  }
  if (partition.out_of_range) return;  // which is said already, and needs an operator all the same
  // Nowhere to put it: the record keeps its place, and nothing behind it is committed.
  partition.blocked = "offset " + std::to_string(letter.origin.offset) + " of " +
                      partition.of.topic + "/" + std::to_string(partition.of.partition) +
                      " cannot be delivered (" + std::string(to_string(letter.cause.reason)) +
                      ": " + letter.cause.detail +
                      ") and dead_letter is none; configure dead_letter.topic and restart, or pass "
                      "over it (resume-from "
                      "the next offset)";
  partition.blocked_at = letter.origin.offset;
}

void Session::commit(Instant now) {
  // What a frozen process must hear before it sends again.
  auto items = unsure_of_membership_ ? committer_.next_restating(now) : committer_.next(now);
  send_commit(provable(std::move(items), now), now);
  look_at_commits(now);
}

void Session::send_commit(std::vector<commit::CommitItem> items, Instant now) {
  if (items.empty()) return;
  std::vector<kafka::PartitionOffset> offsets;
  for (auto& item : items) {
    const Partition& partition = partitions_.at(item.lane);
    auto metadata = commit::encode(origin_of(partition.of), item.offset, partition.ledger.ahead(),
                                   committer_.metadata_limit());
    item.metadata = std::move(metadata.text);
    item.covers = partition.sent.covered_by(item.offset, metadata.covers_to);
    offsets.push_back({partition.of, item.offset, item.metadata});
  }
  committer_.sent(std::move(items), now);
  commit_proves_membership_ = unsure_of_membership_;
  commit_sent_at_ = now;
  if (auto sent = consumer_->commit(offsets); sent) return;
  committer_.failed(now);
  parts_.metrics.commit_failed();
}

void Session::take_commit_result(Duration wait, Instant now) {
  const auto result = consumer_->commit_result(wait);
  if (!result) return;
  if (!result->ok) {
    commit_failed(*result, now);
    return;
  }
  pass_failpoint(Failpoint::commit_confirmed);
  parts_.metrics.commit_confirmed();
  if (commit_proves_membership_) unsure_of_membership_ = false;
  brokers_serve_us();
  not_let_in_.reset();
  for (const auto& item : committer_.confirmed()) {
    partitions_.at(item.lane).sent.confirmed(item.covers, item.offset);
    topic_watch_.committed(item.lane);
  }
}

void Session::commit_failed(const kafka::CommitResult& result, Instant now) {
  parts_.metrics.commit_failed();
  if (result.metadata_too_large && committer_.metadata_too_large(now)) {
    parts_.log.write(telemetry::Level::warn, telemetry::Event::commit_metadata_limited,
                     {{"pipeline", options_.pipeline.name},
                      {"worker", options_.number},
                      {"bytes", std::uint64_t{committer_.metadata_limit()}},
                      {"detail",
                       "the brokers take less beside a commit (offset.metadata.max.bytes) than was "
                       "sent; from now on no more than this, and less can be finished ahead of a "
                       "record that stands still"}});
    return;
  }
  if (!result.metadata_too_large) committer_.failed(now);
  topic_watch_.doubt();
  parts_.log.write(
      telemetry::Level::warn, telemetry::Event::commit_failed,
      {{"pipeline", options_.pipeline.name}, {"worker", options_.number}, {"detail", result.text}});
}

void Session::commit_and_wait(Duration limit) {
  const Instant deadline = parts_.clock.now() + limit;
  const auto wait = [&] {
    for (Instant now = parts_.clock.now(); committer_.outstanding() && now < deadline;
         now = parts_.clock.now()) {
      take_commit_result(deadline - now, now);
    }
  };
  wait();
  // Again where the broker only wants less metadata.
  for (std::size_t tried = committer_.metadata_limit() + 1; committer_.metadata_limit() < tried;) {
    tried = committer_.metadata_limit();
    look_and_wait(deadline - parts_.clock.now());
    const Instant now = parts_.clock.now();
    send_commit(provable(committer_.next_at_once(), now), now);
    wait();
  }
}

}  // namespace sluice::pipeline
