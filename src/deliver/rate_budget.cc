#include "deliver/rate_budget.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace sluice::deliver {
namespace {

// Far below a token, and above what adding up fractions loses.
constexpr double kRounding = 1e-6;
constexpr double kNanosecondsPerSecond = 1e9;
// Of a limit whose next token is further away than that nobody knows what will be by then.
constexpr Duration kLongestWait = std::chrono::hours(1);

double least_of(config::RateUnit unit, std::size_t largest_record) {
  return unit == config::RateUnit::bytes ? static_cast<double>(largest_record) : 1;
}

double allowed_by(const config::RateLimit& limit) {
  return static_cast<double>(limit.limit) * limit.safety * limit.share;
}

// Requests and records are whole: less than one more is none more. Bytes may use up the safety.
double slack_of(const config::RateLimit& limit) {
  if (limit.unit != config::RateUnit::bytes) return limit.safety;
  return static_cast<double>(limit.limit) * limit.share * (1 - limit.safety);
}

}  // namespace

RateBucket::RateBucket(const config::RateLimit& limit, std::size_t largest_record, Instant now)
    : unit_(limit.unit),
      window_(static_cast<double>(limit.per.count())),
      least_(least_of(limit.unit, largest_record)),
      allowed_(allowed_by(limit)),
      burst_(allowed_ * limit.capacity),
      slack_(slack_of(limit)),
      shared_(limit.share_by_group),
      share_(shared_ ? 0 : 1),
      capacity_(shared_ ? 0 : std::max(least_, burst_)),
      filled_at_(now),
      window_began_(now),
      settled_at_(now) {}

double RateBucket::amount(const Demand& demand) const {
  switch (unit_) {
    case config::RateUnit::requests:
      return static_cast<double>(demand.requests);
    case config::RateUnit::records:
      return static_cast<double>(demand.size.records);
    case config::RateUnit::bytes:
      return static_cast<double>(demand.size.bytes);
  }
  return 0;
}

double RateBucket::settling_refill() const {
  return share_ * std::max(0.0, allowed_ - burst_ - partitions_ * least_);
}

double RateBucket::refill() const {
  return std::max(share_ * allowed_ - capacity_, share_ * slack_);
}

void RateBucket::fill_at(double per_window, Instant until) {
  if (until <= filled_at_) return;
  const auto passed = static_cast<double>((until - filled_at_).count());
  tokens_ = std::min(capacity_, tokens_ + per_window * passed / window_);
  filled_at_ = until;
}

void RateBucket::fill(Instant now) {
  fill_at(settling_refill(), std::min(now, settled_at_));
  fill_at(refill(), now);
}

std::optional<Instant> RateBucket::wait_for(RequestSize request, const Demand& ahead, Instant now) {
  fill(now);
  if (capacity_ == 0) return now + kLongestWait;
  const double missing = std::min(amount({1, request}), capacity_) + amount(ahead) - tokens_;
  if (missing <= kRounding) return std::nullopt;
  return std::min(when_filled_by(missing, now), now + kLongestWait);
}

Instant RateBucket::when_filled_by(double missing, Instant now) const {
  Instant from = now;
  double per_window = refill();
  if (now < settled_at_) {
    const auto settling = static_cast<double>((settled_at_ - now).count());
    const double by_then = settling_refill() * settling / window_;
    if (by_then < missing) {
      missing -= by_then;
      from = settled_at_;
    } else {
      per_window = settling_refill();
    }
  }
  const double wait = std::ceil(missing / per_window * window_) + 1;
  const auto longest = static_cast<double>(kLongestWait.count());
  return wait < longest ? from + Duration(static_cast<Duration::rep>(wait)) : from + kLongestWait;
}

std::size_t RateBucket::take(RequestSize request) {
  const double taken = amount({1, request});
  tokens_ -= taken;
  const double windows = static_cast<double>((filled_at_ - window_began_).count()) / window_;
  if (windows >= 1) {
    spent_before_ = windows < 2 ? spent_ : 0;
    spent_ = 0;
    window_began_ += Duration(static_cast<Duration::rep>(std::floor(windows) * window_));
  }
  spent_ += taken;
  return static_cast<std::size_t>(taken);
}

double RateBucket::per_second() const {
  return capacity_ == 0 ? 0 : refill() / window_ * kNanosecondsPerSecond;
}

double RateBucket::used(Instant now) const {
  const double may = per_second() / kNanosecondsPerSecond * window_;
  if (may == 0) return 0;
  const double windows = static_cast<double>((now - window_began_).count()) / window_;
  const double last = windows < 1   ? spent_ + spent_before_ * (1 - windows)
                      : windows < 2 ? spent_ * (2 - windows)
                                    : 0;
  return std::min(1.0, last / may);
}

void RateBucket::set_share(std::size_t held, std::size_t of_all, Instant now) {
  if (!shared_) return;
  fill(now);
  const double share =
      of_all == 0 ? 0 : std::min(1.0, static_cast<double>(held) / static_cast<double>(of_all));
  const auto partitions = static_cast<double>(of_all);
  if (share == share_ && partitions == partitions_) return;
  share_ = share;
  partitions_ = partitions;
  settled_at_ = now + Duration(static_cast<Duration::rep>(window_));
  // A part of less than a request is none: the parts of all others may be as small. Who holds all
  // has at least one, as without others.
  const bool too_small = share < 1 && share * allowed_ + kRounding < least_;
  capacity_ = share == 0 || too_small ? 0 : std::max(least_, share * burst_);
  tokens_ = std::min(tokens_, capacity_);
}

RequestSize RateBucket::largest() const {
  RequestSize most{SIZE_MAX, SIZE_MAX};
  const auto whole = static_cast<std::size_t>(std::max(least_, capacity_ + kRounding));
  if (unit_ == config::RateUnit::records) most.records = whole;
  if (unit_ == config::RateUnit::bytes) most.bytes = whole;
  return most;
}

RateBudget::RateBudget(const std::vector<config::RateLimit>& limits, std::size_t largest_record,
                       Instant now) {
  for (const auto& limit : limits) buckets_.emplace_back(limit, largest_record, now);
}

std::optional<Instant> RateBudget::wait_for(RequestSize request, const Demand& ahead, Instant now) {
  std::optional<Instant> wait;
  for (auto& bucket : buckets_) {
    const auto until = bucket.wait_for(request, ahead, now);
    if (until) wait = std::max(wait.value_or(*until), *until);
  }
  return wait;
}

void RateBudget::take(RequestSize request) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const std::size_t taken = buckets_[i].take(request);
    if (!shown_.empty()) shown_[i]->spent(taken);
  }
}

void RateBudget::set_share(std::size_t held, std::size_t of_all, Instant now) {
  for (auto& bucket : buckets_) bucket.set_share(held, of_all, now);
  show();
}

std::vector<double> RateBudget::used(Instant now) const {
  std::vector<double> used;
  for (const auto& bucket : buckets_) used.push_back(bucket.used(now));
  return used;
}

void RateBudget::show_at(Shown shown) {
  shown_ = std::move(shown);
  show();
}

void RateBudget::show() const {
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    shown_[i]->set_per_second(buckets_[i].per_second());
  }
}

RequestSize RateBudget::largest() const {
  RequestSize most{SIZE_MAX, SIZE_MAX};
  for (const auto& bucket : buckets_) {
    most.records = std::min(most.records, bucket.largest().records);
    most.bytes = std::min(most.bytes, bucket.largest().bytes);
  }
  return most;
}

}  // namespace sluice::deliver
