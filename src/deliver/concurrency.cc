#include "deliver/concurrency.h"

#include <algorithm>

namespace sluice::deliver {

Concurrency::Concurrency(const config::Concurrency& limits)
    : limits_(limits),
      limit_(limits.adaptive ? limits.min : limits.max),
      slow_start_end_(limits.max) {}

void Concurrency::succeeded() {
  const bool slow_start = limit_ < slow_start_end_;
  const bool made_use_of = slow_start ? limit_ < 2 * most_ : limit_ <= most_;
  if (!made_use_of || limit_ >= limits_.max) return;
  ++successes_;
  if (!slow_start && successes_ < limit_) return;
  ++limit_;
  successes_ = 0;
}

void Concurrency::overloaded(Instant sent_at, Instant now) {
  if (!limits_.adaptive || sent_at < cut_at_) return;
  cut_at_ = now;
  fall_to(std::max<std::size_t>(limits_.min, limit_ / 2));
  slow_start_end_ = limit_;
}

void Concurrency::nothing_answered() {
  if (limit_ < limits_.max) ++limit_;
}

void Concurrency::restart() {
  fall_to(limits_.min);
  slow_start_end_ = limits_.max;
}

void Concurrency::slow_down() { fall_to(limits_.min); }

void Concurrency::fall_to(std::size_t limit) {
  limit_ = limit;
  successes_ = 0;
  most_ = 0;
}

}  // namespace sluice::deliver
