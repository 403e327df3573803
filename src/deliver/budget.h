// What may go to a target, or to one path of it: our own limits, and what its answers said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/verdict.h"
#include "config/config.h"
#include "deliver/allowance.h"
#include "deliver/backoff.h"
#include "deliver/rate_budget.h"

namespace sluice::deliver {

// Rate limits, the wait after an answer that asked for one, and the rest that the API's headers
// granted. Pure; not thread-safe.
class Budget {
 public:
  struct Refusal {
    Instant until;
    StallReason reason = StallReason::rate_limited;
    std::string detail = {};
  };

  // `largest_record`: bytes of the largest request that holds a single record.
  Budget(const std::vector<config::RateLimit>& limits, std::size_t largest_record, Random& random,
         Instant now);

  // nullopt: the request may go, and leave enough for `ahead`.
  std::optional<Refusal> refusal(RequestSize request, const Demand& ahead, Instant now);
  // Only right after refusal() said so. Comes back through returned() once.
  void take(RequestSize request);
  void returned() { --in_flight_; }

  // An answer asked to wait, or merely said that it was too much ("at once", or a date that has
  // passed, would make a loop without a pause): that takes a growing wait of our own. Returns how
  // much longer it is closed now than it was.
  Duration throttle(std::optional<Duration> asked, std::string detail, Instant now);
  // A request was not too much.
  void answered() { backoff_.reset(); }
  // After returned(). What is under way may not have been counted by the API.
  void allow(const Allowance& allowance, Instant sent_at, Instant now);

  void set_share(std::size_t held, std::size_t of_all, Instant now) {
    rates_.set_share(held, of_all, now);
  }
  std::vector<double> used(Instant now) const { return rates_.used(now); }
  void show_at(RateBudget::Shown shown) { rates_.show_at(std::move(shown)); }
  RequestSize largest() const { return rates_.largest(); }
  Instant throttled_until() const { return throttled_until_; }
  // What the last answer that asked to wait said.
  const std::string& throttled_by() const { return detail_; }

 private:
  RateBudget rates_;
  Backoff backoff_;
  std::size_t in_flight_ = 0;
  Instant throttled_until_{};
  std::string detail_;
  std::uint64_t remaining_ = 0;  // until allowance_ends_
  Instant allowance_ends_{};
  std::deque<Instant> answers_;  // that spoke of an allowance, the last ones, by time
};

}  // namespace sluice::deliver
