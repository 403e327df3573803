// What fails again and again: what an operator sees of it and can do.
#include <utility>
#include <vector>

#include "deliver/deliverer.h"

namespace sluice::deliver {

std::optional<Deliverer::Suspect> Deliverer::suspect(LaneId lane) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.parked()) continue;
    const std::int64_t offset = delivery.batch->entry(delivery.part()->first).offset;
    return Suspect{offset, delivery.not_before, delivery.trouble};
  }
  return std::nullopt;
}

std::optional<Deliverer::Retrying> Deliverer::retrying(LaneId lane) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.retrying()) continue;
    const batch::Range part = *delivery.part();
    return Retrying{delivery.batch->entry(part.first).offset,
                    delivery.batch->entry(part.last - 1).offset,
                    delivery.tallies.requests(part.first),
                    delivery.tallies.attempts_used(part.first),
                    options_.attempts,
                    delivery.not_before,
                    delivery.attempt.has_value(),
                    delivery.trouble};
  }
  return std::nullopt;
}

std::optional<std::int64_t> Deliverer::lone_failure(LaneId lane) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.may_be_given_up(options_.lonely)) continue;
    return delivery.batch->entry(delivery.part()->first).offset;
  }
  return std::nullopt;
}

std::size_t Deliverer::retry_suspects(LaneId lane) {
  std::size_t count = 0;
  for (auto& [id, delivery] : deliveries_) {
    if (delivery.lane != lane || !delivery.parked()) continue;
    delivery.try_now();
    ++count;
  }
  return count;
}

std::size_t Deliverer::dead_letter_suspects(LaneId lane) {
  std::vector<DeliveryId> suspects;
  for (const auto& [id, delivery] : deliveries_) {
    const bool may_go = delivery.may_be_given_up(options_.lonely) && !delivery.attempt;
    if (delivery.lane == lane && may_go) suspects.push_back(id);
  }
  for (const DeliveryId id : suspects) {
    Delivery& delivery = deliveries_.at(id);
    const std::size_t record = delivery.part()->first;
    const bool was_held = delivery.parked();
    codec::DeadLetterCause cause = reactions_.cause_of(delivery, record, nullptr);
    cause.reason = DeadLetterReason::by_operator;
    cause.detail = delivery.trouble;
    delivery.part_refused();
    sink_.refused(lane, *delivery.batch, record, std::move(cause));
    if (delivery.part()) {
      if (was_held) sink_.held(lane, *delivery.batch, false);
    } else {
      parts_.admission.forget(lane);  // it may have waited for its next try
      finish(id);
    }
  }
  return suspects.size();
}

}  // namespace sluice::deliver
