#include "deliver/deliverer.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/failpoint.h"

namespace sluice::deliver {
namespace {

// In a row, with other credentials: more than there can be reasons for.
constexpr std::uint32_t kMostSentAgain = 5;

// Whether other partitions can do nothing about what closed the way, either. A breaker's probes
// rotate over partitions, so each has to ask.
bool concerns_all(StallReason reason) {
  return reason == StallReason::flowing || reason == StallReason::throttled ||
         reason == StallReason::rate_limited;
}

}  // namespace

Deliverer::Deliverer(DelivererOptions options, DelivererParts parts, DeliverySink& sink)
    : options_(std::move(options)),
      parts_(parts),
      sink_(sink),
      request_maker_(options_, parts.memory),
      reactions_(options_, parts, sink),
      attempt_log_(options_.pipeline, parts.clock, parts.metrics, parts.failures, parts.log) {}

Deliverer::~Deliverer() {
  while (!deliveries_.empty()) cancel(deliveries_.begin()->second.lane);
}

void Deliverer::start(LaneId lane, const TopicPartition& partition,
                      std::unique_ptr<batch::Batch> batch) {
  assert(!batch->empty());
  deliveries_.emplace(std::piecewise_construct, std::forward_as_tuple(++last_id_),
                      std::forward_as_tuple(lane, partition, std::move(batch), options_.waits,
                                            parts_.random, parts_.memory));
  Delivery& delivery = deliveries_.at(last_id_);
  if (parts_.credentials.of_all() == nullptr) {
    delivery.tenant = parts_.credentials.tenant_of(delivery.batch->route);
  }
  queue_at_the_end(last_id_, delivery);
}

void Deliverer::queue_at_the_end(DeliveryId id, Delivery& delivery) {
  delivery.place = ++last_place_;
  queue_.emplace(delivery.place, id);
}

std::size_t Deliverer::batches(LaneId lane) const {
  return static_cast<std::size_t>(
      std::count_if(deliveries_.begin(), deliveries_.end(),
                    [&](const auto& entry) { return entry.second.lane == lane; }));
}

std::optional<Instant> Deliverer::in_flight_since(LaneId lane) const {
  std::optional<Instant> oldest;
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.attempt) continue;
    oldest = std::min(oldest.value_or(delivery.attempt->sent_at), delivery.attempt->sent_at);
  }
  return oldest;
}

std::optional<Duration> Deliverer::oldest_age(LaneId lane, Instant now, WallTime wall) const {
  std::optional<Duration> oldest;
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.part()) continue;
    const Duration age = delivery.batch->oldest_age(delivery.part()->first, now, wall);
    oldest = std::max(oldest.value_or(age), age);
  }
  return oldest;
}

void Deliverer::drain(LaneId lane) {
  for (auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane) continue;
    delivery.draining = true;
    forget_tenant(delivery);
  }
  parts_.admission.forget(lane);
}

void Deliverer::cancel(LaneId lane) {
  for (auto entry = deliveries_.begin(); entry != deliveries_.end();) {
    Delivery& delivery = entry->second;
    if (delivery.lane != lane) {
      ++entry;
      continue;
    }
    if (delivery.attempt) {
      parts_.http.cancel(delivery.attempt->request);
      requests_.erase(delivery.attempt->request);
      parts_.admission.cancelled(delivery.attempt->pass);
      delivery.attempt->mandate.credential->cancelled(delivery.attempt->lease);
      give_back(delivery.attempt->mandate);
    }
    forget_tenant(delivery);
    parts_.pool.give_back(std::move(delivery.batch));
    queue_.erase(delivery.place);
    entry = deliveries_.erase(entry);
  }
  parts_.admission.forget(lane);
}

void Deliverer::advance(Instant now) {
  deadline_.reset();
  held_back_.reset();
  // Once around, first whoever has been there for longest: a slot of a closing gate goes to another
  // one each time, and what waited for its backoff does not wait for all that came after it.
  auto next = queue_.begin();
  for (std::size_t i = queue_.size(); i > 0; --i) {
    // What waited for a connection would go out whatever the gates say by then.
    if (requests_.size() >= options_.connections) return;
    const DeliveryId id = (next++)->second;
    Delivery& delivery = deliveries_.at(id);
    const Sending sending = try_send(id, delivery, now);
    if (!delivery.part()) {  // all of it had expired
      parts_.admission.forget(delivery.lane);
      finish(id);
    }
    if (sending == Sending::nobody_may) return;
  }
}

Deliverer::Sending Deliverer::try_send(DeliveryId id, Delivery& delivery, Instant now) {
  if (delivery.draining) return Sending::not_now;
  if (now < delivery.not_before) {
    wait_until(delivery.not_before);
    return Sending::not_now;
  }
  if (options_.max_age) reactions_.expire(delivery);
  if (!delivery.part()) return Sending::not_now;
  auto mandate = mandate_for(delivery, now);
  if (!mandate) return Sending::not_now;
  const RequestSize most = parts_.admission.largest();
  if (delivery.may_be_cut()) {
    delivery.cut({most.records, std::min(most.bytes, reactions_.most_bytes(now))});
  }
  const auto pass = parts_.admission.ask(delivery.lane, delivery.size(), now);
  if (pass) {
    send(id, delivery, *pass, std::move(*mandate), now);
    return Sending::sent;
  }
  give_back(*mandate);
  wait_until(pass.error().until);
  if (pass.error().reason != StallReason::flowing) held_back_ = pass.error();
  return concerns_all(pass.error().reason) ? Sending::nobody_may : Sending::not_now;
}

void Deliverer::send(DeliveryId id, Delivery& delivery, const Pass& pass, Mandate mandate,
                     Instant now) {
  if ((pass.small || mandate.permit.small) && delivery.may_be_cut()) delivery.cut({1, SIZE_MAX});
  const WallTime wall_now = parts_.clock.wall_now();
  auto lease = mandate.credential->lease();
  http::Request request = request_maker_.make(delivery, *lease.signer, wall_now);
  pass_failpoint(Failpoint::request_made);
  const std::size_t bytes = request.body.size();
  const auto sent = parts_.http.send(std::move(request));
  delivery.attempt = Attempt{sent, bytes, now, pass, std::move(mandate), std::move(lease)};
  if (delivery.note_sent(wall_now)) parts_.metrics.request_retried();
  note_standing_sent(delivery);
  requests_.emplace(sent, id);
  queue_.erase(delivery.place);
}

void Deliverer::on_completion(const http::Completion& completion) {
  const auto known = requests_.find(completion.id);
  if (known == requests_.end()) return;
  if (completion.result) pass_failpoint(Failpoint::answer_received);
  const DeliveryId id = known->second;
  requests_.erase(known);
  Delivery& delivery = deliveries_.at(id);
  const Attempt attempt = *std::exchange(delivery.attempt, std::nullopt);
  const Judgement judgement = reactions_.judge(completion, delivery);
  const Reply reply{completion, judgement, parts_.clock.now(), attempt.mandate.tenant.get()};
  attempt_log_.note(delivery, attempt.bytes, reply);
  const int status = reply.answer() != nullptr ? reply.answer()->status : 0;
  const bool other_credential =
      attempt.mandate.credential->answered(attempt.lease, judgement, status);
  if (other_credential && delivery.sent_again < kMostSentAgain) {
    ++delivery.sent_again;
    delivery.note_undelivered();
    parts_.admission.cancelled(attempt.pass);
    give_back(attempt.mandate);
    note_standing_sent(delivery);
    queue_at_the_end(id, delivery);
    return;
  }
  delivery.sent_again = 0;
  const bool was_held = delivery.parked();
  const Blame blame = reactions_.react(delivery, reply);
  take_answer(attempt, reply, blame);
  queue_at_the_end(id, delivery);
  if (judgement.verdict != Verdict::unauthorized) go_on(delivery);
  note_standing_sent(delivery);
  if (!delivery.part()) {
    finish(id);
  } else if (delivery.parked() != was_held) {
    sink_.held(delivery.lane, *delivery.batch, delivery.parked());
  }
}

// That a tenant's credentials are refused says nothing of the target or the path.
void Deliverer::take_answer(const Attempt& attempt, const Reply& reply, Blame blame) {
  const auto& [credential, tenant, permit] = attempt.mandate;
  if (tenant) {
    tenant->answered(options_.pipeline, permit, reply.judgement, blame, attempt.sent_at, reply.now);
  }
  if (tenant && reply.judgement.verdict == Verdict::unauthorized) {
    parts_.admission.cancelled(attempt.pass);
  } else {
    parts_.admission.answered(attempt.pass, reply.judgement, blame, reply.answer(), attempt.sent_at,
                              reply.now);
  }
}

void Deliverer::finish(DeliveryId id) {
  const auto found = deliveries_.find(id);
  go_on(found->second);
  const LaneId lane = found->second.lane;
  auto batch = std::move(found->second.batch);
  queue_.erase(found->second.place);
  deliveries_.erase(found);
  sink_.finished(lane, std::move(batch));
}

void Deliverer::wait_until(Instant when) {
  deadline_ = deadline_ ? std::min(*deadline_, when) : when;
}

}  // namespace sluice::deliver
