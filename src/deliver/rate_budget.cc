#include "deliver/rate_budget.h"

#include <algorithm>
#include <cmath>

namespace sluice::deliver {

RateBudget::RateBudget(const std::vector<config::RateLimit>& limits, Instant now) {
  for (const auto& limit : limits) {
    const double allowed = static_cast<double>(limit.requests) * limit.safety;
    const double capacity = std::max(1.0, std::floor(allowed * limit.capacity));
    // A limit of about one request a window has no rest to refill with: one token a window.
    const double rest = allowed - capacity;
    const double window = static_cast<double>(limit.per.count());
    const double refill = rest > 0 ? rest / window : 1.0 / (window / limit.safety);
    buckets_.push_back({capacity, refill, 0, now});
  }
}

std::optional<Instant> RateBudget::take(Instant now) {
  std::optional<Instant> wait;
  for (auto& bucket : buckets_) {
    bucket.refill(now);
    if (bucket.tokens >= 1) continue;
    wait = std::max(wait.value_or(now), bucket.next_token());
  }
  if (wait) return wait;
  for (auto& bucket : buckets_) bucket.tokens -= 1;
  return std::nullopt;
}

void RateBudget::Bucket::refill(Instant now) {
  if (now <= filled_at) return;
  tokens =
      std::min(capacity, tokens + per_nanosecond * static_cast<double>((now - filled_at).count()));
  filled_at = now;
}

Instant RateBudget::Bucket::next_token() const {
  const double missing = std::ceil((1 - tokens) / per_nanosecond);
  return filled_at + Duration(static_cast<Duration::rep>(missing) + 1);
}

}  // namespace sluice::deliver
