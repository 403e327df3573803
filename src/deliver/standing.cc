// Batches whose tenant may not go: what is asked before each request, and what others see of it.
#include <algorithm>
#include <utility>

#include "codec/tenant.h"
#include "deliver/deliverer.h"

namespace sluice::deliver {

// None: the batch stands still, or is finished.
std::optional<Mandate> Deliverer::mandate_for(Delivery& delivery, Instant now) {
  const Credentials& credentials = parts_.credentials;
  if (LiveCredential* of_all = credentials.of_all()) return Mandate{of_all, nullptr, {}};
  const std::uint64_t moves = credentials.moves();
  const auto& before = delivery.standing;
  if (before && before->moves == moves && now < before->until) {
    if (before->until < Instant::max()) wait_until(before->until);
    return std::nullopt;
  }
  auto tenant = credentials.find(delivery.tenant);
  if (!tenant) {
    const Error why = credentials.unknown(delivery.tenant);
    if (credentials.refuses_unknown()) {
      reactions_.refuse_all(delivery, DeadLetterReason::unroutable, why.cause);
    } else {
      stand(delivery, {Instant::max(), why.text(), moves, now});
    }
    return std::nullopt;
  }
  if (before && !sink_.may_go_on(delivery.lane, *delivery.batch, delivery.part()->first)) {
    return std::nullopt;
  }
  auto permit = tenant->ask(options_.pipeline, delivery.lane, now);
  if (!permit) {
    wait_until(permit.error().until);
    stand(delivery,
          {permit.error().until,
           "tenant " + codec::shown_tenant(delivery.tenant) + ": " + permit.error().detail, moves,
           now});
    return std::nullopt;
  }
  // A probe shows only whether it may.
  if (!permit->probe) go_on(delivery);
  LiveCredential* const credential = &tenant->credential();
  return Mandate{credential, std::move(tenant), *permit};
}

void Deliverer::give_back(const Mandate& mandate) {
  if (mandate.tenant) mandate.tenant->cancelled(options_.pipeline, mandate.permit);
}

void Deliverer::forget_tenant(const Delivery& delivery) {
  if (parts_.credentials.of_all() != nullptr) return;
  const auto tenant = parts_.credentials.find(delivery.tenant);
  if (tenant) tenant->forget(options_.pipeline, delivery.lane);
}

void Deliverer::stand(Delivery& delivery, Standing standing) {
  if (delivery.standing) standing.since = delivery.standing->since;
  if (!std::exchange(delivery.standing, std::move(standing))) {
    sink_.stands(delivery.lane, *delivery.batch, true);
    note_standing_sent(delivery);
    // It may have waited for its turn at the target.
    parts_.admission.forget(delivery.lane);
  }
}

void Deliverer::note_standing_sent(const Delivery& delivery) {
  if (!delivery.standing) return;
  const bool sent = delivery.attempt.has_value() || !delivery.may_be_cut();
  sink_.stands_sent(delivery.lane, *delivery.batch, sent);
}

void Deliverer::go_on(Delivery& delivery) {
  if (!std::exchange(delivery.standing, std::nullopt)) return;
  sink_.stands(delivery.lane, *delivery.batch, false);
}

namespace {

Deliverer::StandingTenant shown(const Standing& standing) {
  const bool asks = standing.until < Instant::max();
  return {standing.words, standing.since, asks ? std::optional(standing.until) : std::nullopt};
}

}  // namespace

std::optional<Deliverer::StandingTenant> Deliverer::standing(LaneId lane) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.lane == lane && delivery.standing) return shown(*delivery.standing);
  }
  return std::nullopt;
}

std::map<std::string, Deliverer::StandingTenant> Deliverer::standing_tenants() const {
  std::map<std::string, StandingTenant> tenants;
  for (const auto& [id, delivery] : deliveries_) {
    if (!delivery.standing) continue;
    const auto [tenant, is_new] =
        tenants.try_emplace(codec::shown_tenant(delivery.tenant), shown(*delivery.standing));
    if (!is_new) tenant->second.since = std::min(tenant->second.since, delivery.standing->since);
  }
  return tenants;
}

}  // namespace sluice::deliver
