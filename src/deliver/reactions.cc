#include "deliver/reactions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/record_time.h"
#include "deliver/part_fields.h"
#include "deliver/redaction.h"
#include "deliver/request_id.h"

namespace sluice::deliver {
namespace {

// Failures of a batch, counted while its neighbours are delivered, before it is searched for the
// record that it fails for. A 403 says by itself that the credential may be fine.
constexpr std::uint32_t kBatchFailures = 3;

bool sent_again(Verdict verdict) {
  return verdict == Verdict::retry || verdict == Verdict::throttled;
}

// Of a record that is sent again, while the answer as a whole was a success.
std::string words_of_first_again(const std::vector<RecordResult>& results) {
  const auto first = std::find_if(results.begin(), results.end(),
                                  [](const auto& result) { return sent_again(result.verdict); });
  return first == results.end() ? std::string() : first->detail;
}

// Where each single record failed the request did.
void sum_up(Judgement& judgement, std::size_t records) {
  if (judgement.records.size() != records) return;
  const bool all = std::all_of(judgement.records.begin(), judgement.records.end(),
                               [](const auto& result) { return sent_again(result.verdict); });
  if (!all) return;
  judgement.verdict = judgement.records.front().verdict;
  judgement.detail += ": " + judgement.records.front().detail + " for every record";
  judgement.records.clear();
}

}  // namespace

Judgement Reactions::judge(const http::Completion& completion, const Delivery& delivery) const {
  if (!completion.result) return parts_.rules.judge(completion.result.error());
  const Sent sent{*delivery.batch, *delivery.part()};
  Judgement judgement = parts_.rules.judge(*completion.result, sent, parts_.clock.wall_now());
  sum_up(judgement, sent.records.size());
  return judgement;
}

Blame Reactions::react(Delivery& delivery, const Reply& reply) {
  const Judgement& judgement = reply.judgement;
  switch (judgement.verdict) {
    case Verdict::delivered:
      take_delivered(delivery, reply);
      return Blame::target;
    case Verdict::retry:
      return take_failure(delivery, reply, DeadLetterReason::exhausted);
    case Verdict::rejected:
    case Verdict::split:
      refuse(delivery, reply);
      return Blame::target;
    case Verdict::unauthorized: {
      // 401 is never about a record; 403 may be.
      const bool forbidden = reply.answer() != nullptr && reply.answer()->status == 403;
      if (forbidden) return take_failure(delivery, reply, DeadLetterReason::rejected);
      return Blame::target;
    }
    // The gates hold the lane now, and count no attempt against its records.
    case Verdict::throttled:
    case Verdict::misconfigured:
      return Blame::target;
  }
  return Blame::target;
}

Blame Reactions::take_failure(Delivery& delivery, const Reply& reply, DeadLetterReason reason) {
  const bool forbidden = reason == DeadLetterReason::rejected;
  const Suspicion::Limits limits{forbidden ? 1 : kBatchFailures, forbidden ? 1 : options_.attempts,
                                 options_.lonely,
                                 !forbidden && options_.on_exhausted == config::OnExhausted::park};
  const std::size_t record = delivery.part()->first;
  delivery.note_undelivered();
  delivery.trouble = reply.judgement.words();
  auto part = part_fields(options_.pipeline, delivery);
  const bool searching = delivery.searching();
  codec::DeadLetterCause cause = cause_of(delivery, record, &reply);
  const auto failed_before = delivery.failed_at();
  const bool neighbours = failed_before && delivered_after(reply, *failed_before);
  switch (delivery.part_failed(neighbours, reply.answer() != nullptr, limits, reply.now)) {
    case Suspicion::Next::exhausted:
      note_given_up(reply);
      cause.reason = reason;
      give_up(delivery, record, std::move(cause));
      if (forbidden) parts_.admission.judged(0, 1, reply.now);
      return Blame::record;
    case Suspicion::Next::narrow:
      if (!searching) note_bisected(std::move(part), reply.judgement);
      return Blame::record;
    case Suspicion::Next::again:
    case Suspicion::Next::park:
      break;
  }
  return delivery.blames_record() ? Blame::record : Blame::target;
}

// Neighbours are those of the same credential.
bool Reactions::delivered_after(const Reply& reply, Instant when) const {
  return reply.tenant != nullptr ? reply.tenant->delivered_after(options_.pipeline, when)
                                 : parts_.admission.delivered_after(when);
}

void Reactions::note_given_up(const Reply& reply) {
  if (reply.tenant != nullptr) {
    reply.tenant->gave_up(options_.pipeline);
  } else {
    parts_.admission.gave_up();
  }
}

// A record used up its attempts.
void Reactions::give_up(Delivery& delivery, std::size_t record, codec::DeadLetterCause cause) {
  const bool dropped = cause.reason == DeadLetterReason::exhausted &&
                       options_.on_exhausted == config::OnExhausted::drop;
  if (dropped) {
    drop(delivery, record, cause);
  } else {
    sink_.refused(delivery.lane, *delivery.batch, record, std::move(cause));
  }
}

void Reactions::drop(const Delivery& delivery, std::size_t record,
                     const codec::DeadLetterCause& cause) {
  std::vector<telemetry::Field> fields{{"pipeline", options_.pipeline},
                                       {"topic", delivery.partition.topic},
                                       {"partition", delivery.partition.partition},
                                       {"offset", delivery.batch->entry(record).offset},
                                       {"reason", to_string(cause.reason)},
                                       {"detail", cause.detail}};
  if (!cause.batch_id.empty()) fields.emplace_back("batch_id", cause.batch_id);
  parts_.log.write(telemetry::Level::warn, telemetry::Event::record_dropped, fields);
  sink_.dropped(delivery.lane, *delivery.batch, record);
}

void Reactions::take_delivered(Delivery& delivery, const Reply& reply) {
  if (!reply.judgement.records.empty()) {
    take_results(delivery, reply);
    return;
  }
  const batch::Range records = *delivery.part();
  delivery.part_delivered();
  sink_.delivered(delivery.lane, *delivery.batch, records);
  parts_.admission.judged(records.size(), 0, reply.now);
}

void Reactions::take_results(Delivery& delivery, const Reply& reply) {
  const auto& results = reply.judgement.records;
  const batch::Range part = *delivery.part();
  std::vector<std::size_t> again;
  std::size_t refused = 0;
  std::size_t first = part.first;  // of the delivered records in front of the next result
  const auto deliver_up_to = [&](std::size_t last) {
    if (first < last) sink_.delivered(delivery.lane, *delivery.batch, {first, last});
    first = last + 1;
  };
  for (const RecordResult& result : results) {
    deliver_up_to(result.record);
    if (!sent_again(result.verdict)) ++refused;
    if (!give_up_result(delivery, result, reply)) again.push_back(result.record);
  }
  deliver_up_to(part.last);
  parts_.admission.judged(part.size() - results.size(), refused, reply.now);
  if (again.empty()) {
    delivery.part_delivered();
    return;
  }
  for (std::size_t i = part.last; i < delivery.batch->size(); ++i) again.push_back(i);
  keep_only(delivery, again);
  delivery.trouble = words_of_first_again(results);
  delivery.wait_for_the_rest(reply.now);
}

// False: the record is to be sent again.
bool Reactions::give_up_result(Delivery& delivery, const RecordResult& result, const Reply& reply) {
  delivery.tallies.note_undelivered(result.record);
  const bool again = sent_again(result.verdict);
  const bool may_exhaust = options_.on_exhausted != config::OnExhausted::park;
  // Its neighbours in the request were delivered or refused.
  if (again && (delivery.tallies.use_attempt(result.record) < options_.attempts || !may_exhaust)) {
    return false;
  }
  codec::DeadLetterCause cause = cause_of(delivery, result.record, &reply);
  cause.reason = again                              ? DeadLetterReason::exhausted
                 : result.verdict == Verdict::split ? DeadLetterReason::too_large
                                                    : DeadLetterReason::rejected;
  cause.detail = result.detail;
  cause.verdict = result.verdict;
  if (result.status) cause.status = result.status;
  give_up(delivery, result.record, std::move(cause));
  return true;
}

void Reactions::refuse(Delivery& delivery, const Reply& reply) {
  const bool too_large = reply.judgement.verdict == Verdict::split;
  const std::size_t record = delivery.part()->first;
  delivery.note_undelivered();
  codec::DeadLetterCause cause = cause_of(delivery, record, &reply);
  if (too_large) learn_size(delivery, reply.now);
  if (!delivery.alone() && (too_large || !delivery.searching())) {
    note_bisected(part_fields(options_.pipeline, delivery), reply.judgement);
  }
  const bool alone =
      too_large ? delivery.part_too_large() : delivery.part_refused(reply.judgement.named);
  if (!alone) return;
  cause.reason = too_large ? DeadLetterReason::too_large : DeadLetterReason::rejected;
  sink_.refused(delivery.lane, *delivery.batch, record, std::move(cause));
  parts_.admission.judged(0, 1, reply.now);
}

void Reactions::note_bisected(std::vector<telemetry::Field> part, const Judgement& judgement) {
  part.emplace_back("verdict", to_string(judgement.verdict));
  part.emplace_back("detail", judgement.detail);
  parts_.log.write(telemetry::Level::info, telemetry::Event::batch_bisected, part);
}

// One record that is too large says nothing of how large other bodies may be, nor does what was too
// large since it was part of it.
void Reactions::learn_size(Delivery& delivery, Instant now) {
  if (delivery.alone()) {
    learned_size_ = delivery.learned_before.value_or(learned_size_);
    delivery.learned_before.reset();
    return;
  }
  if (!delivery.learned_before) delivery.learned_before = learned_size_;
  learned_size_.too_large(delivery.size().bytes, now);
}

void Reactions::keep_only(Delivery& delivery, const std::vector<std::size_t>& records) {
  auto rest = parts_.pool.take();
  for (const std::size_t record : records) rest->copy(*delivery.batch, record);
  parts_.pool.give_back(delivery.replace(std::move(rest), records));
}

void Reactions::expire(Delivery& delivery) {
  const WallTime oldest_wanted = parts_.clock.wall_now() - *options_.max_age;
  const auto expired = [&](std::int64_t timestamp_ms) {
    return timestamp_ms >= 0 && record_time(timestamp_ms) < oldest_wanted;
  };
  const batch::Batch& batch = *delivery.batch;
  if (!expired(batch.oldest_timestamp_ms())) return;
  const auto [first, last] = *delivery.part();
  if (!delivery.may_be_cut()) {
    // Those still wanted can only go again together with the others.
    for (std::size_t i = first; i < last; ++i) {
      if (!expired(batch.entry(i).timestamp_ms)) return;
    }
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = first; i < batch.size(); ++i) {
    if (!expired(batch.entry(i).timestamp_ms)) {
      kept.push_back(i);
      continue;
    }
    codec::DeadLetterCause cause = cause_of(delivery, i, nullptr);
    cause.reason = DeadLetterReason::expired;
    cause.detail = "older than max_age";
    if (options_.on_expired == config::OnExpired::drop) {
      drop(delivery, i, cause);
    } else {
      sink_.refused(delivery.lane, batch, i, std::move(cause));
    }
  }
  if (kept.size() == batch.size() - first) return;
  if (kept.empty()) {
    delivery.finish();
  } else {
    const bool was_held = delivery.parked();
    keep_only(delivery, kept);
    if (was_held) sink_.held(delivery.lane, *delivery.batch, false);
  }
}

void Reactions::refuse_all(Delivery& delivery, DeadLetterReason reason, const std::string& detail) {
  for (std::size_t i = delivery.part()->first; i < delivery.batch->size(); ++i) {
    codec::DeadLetterCause cause = cause_of(delivery, i, nullptr);
    cause.reason = reason;
    cause.detail = detail;
    sink_.refused(delivery.lane, *delivery.batch, i, std::move(cause));
  }
  delivery.finish();
}

codec::DeadLetterCause Reactions::cause_of(const Delivery& delivery, std::size_t record,
                                           const Reply* reply) const {
  codec::DeadLetterCause cause;
  cause.attempts = delivery.tallies.requests(record);
  if (cause.attempts == 0) return cause;
  cause.first_attempt = delivery.first_sent();
  cause.last_attempt = delivery.last_sent();
  cause.batch_id = delivery.batch_id();
  if (reply == nullptr) return cause;
  cause.detail = reply->judgement.detail;
  cause.verdict = reply->judgement.verdict;
  if (const http::Answer* answer = reply->answer()) {
    cause.status = answer->status;
    cause.response_excerpt =
        redacted(answer->body, options_.response_excerpt, delivery.secrets.all());
    cause.request_id = request_id_of(*answer, delivery.secrets.all());
  }
  return cause;
}

}  // namespace sluice::deliver
