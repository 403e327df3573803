#include "deliver/budget.h"

#include <algorithm>
#include <utility>

namespace sluice::deliver {
namespace {

constexpr Backoff::Limits kOwnWait{std::chrono::seconds(1), std::chrono::minutes(1), 2};
// An answer that comes sooner may tell of a larger rest.
constexpr Duration kWhileInFlight = std::chrono::seconds(1);
// More than come while one request is under way.
constexpr std::size_t kAnswersKept = 10'000;

}  // namespace

Budget::Budget(const std::vector<config::RateLimit>& limits, std::size_t largest_record,
               Random& random, Instant now)
    : rates_(limits, largest_record, now), backoff_(kOwnWait, random) {}

std::optional<Budget::Refusal> Budget::refusal(RequestSize request, const Demand& ahead,
                                               Instant now) {
  if (now < throttled_until_) return Refusal{throttled_until_, StallReason::throttled, detail_};
  if (now < allowance_ends_ && remaining_ == 0) {
    const Instant sooner = in_flight_ > 0 ? now + kWhileInFlight : allowance_ends_;
    return Refusal{std::min(sooner, allowance_ends_), StallReason::throttled,
                   "its rate-limit headers say that nothing is left for now"};
  }
  if (const auto until = rates_.wait_for(request, ahead, now)) {
    return Refusal{*until, StallReason::rate_limited, "rate_limit is used up"};
  }
  return std::nullopt;
}

void Budget::take(RequestSize request) {
  rates_.take(request);
  if (remaining_ > 0) --remaining_;
  ++in_flight_;
}

Duration Budget::throttle(std::optional<Duration> asked, std::string detail, Instant now) {
  detail_ = std::move(detail);
  const Duration own = backoff_.next();
  const Duration wait = asked && *asked > Duration::zero() ? *asked : own;
  const Instant before = std::max(throttled_until_, now);
  throttled_until_ = std::max(before, now + wait);
  return throttled_until_ - before;
}

void Budget::allow(const Allowance& allowance, Instant sent_at, Instant now) {
  const std::uint64_t rest =
      allowance.remaining - std::min<std::uint64_t>(allowance.remaining, in_flight_);
  const bool known = now < allowance_ends_;
  allowance_ends_ = now + allowance.reset;
  // Answers overtake each other: those that came meanwhile may have been counted after this one.
  const auto overtaken_by = static_cast<std::uint64_t>(
      std::find_if(answers_.rbegin(), answers_.rend(), [&](Instant at) { return at < sent_at; }) -
      answers_.rbegin());
  answers_.push_back(now);
  if (answers_.size() > kAnswersKept) answers_.pop_front();
  const std::uint64_t least = rest - std::min(rest, overtaken_by);
  remaining_ = known ? std::clamp(remaining_, least, rest) : rest;
}

}  // namespace sluice::deliver
