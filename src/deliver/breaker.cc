#include "deliver/breaker.h"

#include <algorithm>

namespace sluice::deliver {
namespace {

// More outcomes than this say nothing more about a rate.
constexpr std::size_t kWindowSize = 1000;

}  // namespace

Breaker::Permit Breaker::acquire(Instant now) {
  if (state_ == State::closed) return Permit::normal;
  if (state_ == State::open) {
    if (now < open_until_) return Permit::none;
    state_ = State::half_open;
    probes_used_ = 0;
  }
  if (probing_) return Permit::none;
  probing_ = true;
  return Permit::probe;
}

void Breaker::succeeded(Permit permit, Instant now) {
  if (permit == Permit::probe) {
    close();
  } else if (state_ == State::closed) {
    in_a_row_ = 0;
    count(false, now);
  }
}

void Breaker::failed(Permit permit, Instant now) {
  if (permit == Permit::probe) {
    probe_failed(now);
  } else if (state_ == State::closed) {
    ++in_a_row_;
    count(true, now);
    if (too_many_failures()) open(now);
  }
}

void Breaker::tripped(Permit permit, Instant now) {
  if (permit == Permit::probe) {
    probe_failed(now);
  } else if (state_ == State::closed) {
    open(now);
  }
}

void Breaker::released(Permit permit) {
  if (permit == Permit::probe) probing_ = false;
}

void Breaker::open(Instant now) {
  state_ = State::open;
  probing_ = false;
  const Duration grown = limits_.open_for * (1U << std::min(opened_in_a_row_, 10U));
  const Duration base = std::min(grown, limits_.max_open_for);
  const auto jitter =
      static_cast<Duration::rep>(static_cast<double>(base.count()) * 0.1 * random_.next_unit());
  open_until_ = now + base + Duration(jitter);
  ++opened_in_a_row_;
}

void Breaker::close() {
  state_ = State::closed;
  probing_ = false;
  in_a_row_ = 0;
  opened_in_a_row_ = 0;
  window_.clear();
  window_failures_ = 0;
}

void Breaker::count(bool failed, Instant now) {
  window_.push_back({now, failed});
  window_failures_ += failed ? 1 : 0;
  while (window_.size() > kWindowSize || window_.front().when + limits_.window < now) {
    window_failures_ -= window_.front().failed ? 1 : 0;
    window_.pop_front();
  }
}

bool Breaker::too_many_failures() const {
  if (in_a_row_ >= limits_.failures) return true;
  return window_.size() >= limits_.minimum &&
         window_failures_ >= limits_.failure_rate * static_cast<double>(window_.size());
}

void Breaker::probe_failed(Instant now) {
  probing_ = false;
  if (++probes_used_ >= limits_.probes) open(now);
}

}  // namespace sluice::deliver
