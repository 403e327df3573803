#include "deliver/breaker.h"

#include <algorithm>

namespace sluice::deliver {
namespace {

// More outcomes than this say nothing more about a rate.
constexpr std::size_t kWindowSize = 1000;
// While another attempt is probing, nobody knows when it ends.
constexpr Duration kWhileProbing = std::chrono::seconds(1);
// A lane that does not come back for its turn must not keep the others from probing.
constexpr Duration kPatience = std::chrono::seconds(2);

}  // namespace

bool Breaker::may_go(LaneId lane, Instant now) {
  if (state_ == State::closed) return true;
  if (state_ == State::open && now >= open_until_) half_open();
  std::erase_if(waiting_, [&](const auto& entry) { return entry.second <= now; });
  if (state_ == State::half_open && !probing_ && may_probe(lane)) return true;
  waiting_[lane] = ask_again(now) + kPatience;
  return false;
}

// Whether it is the lane's turn. Once all that wait have probed, they go around again.
bool Breaker::may_probe(LaneId lane) const {
  if (!probed_.contains(lane)) return true;
  return std::all_of(waiting_.begin(), waiting_.end(),
                     [&](const auto& entry) { return probed_.contains(entry.first); });
}

Breaker::Permit Breaker::take(LaneId lane) {
  if (state_ == State::closed) return {false, false, period_};
  if (probed_.contains(lane)) probed_.clear();
  probed_.insert(lane);
  waiting_.erase(lane);
  probing_ = true;
  return {true, probes_used_ == 0, period_};
}

void Breaker::forget(LaneId lane) {
  waiting_.erase(lane);
  probed_.erase(lane);
}

Instant Breaker::ask_again(Instant now) const {
  return state_ == State::open ? std::max(open_until_, now) : now + kWhileProbing;
}

std::optional<LaneId> Breaker::next_to_probe() const {
  if (state_ != State::half_open || probing_ || waiting_.empty()) return std::nullopt;
  const auto fresh = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& entry) {
    return !probed_.contains(entry.first);
  });
  return fresh == waiting_.end() ? waiting_.begin()->first : fresh->first;
}

void Breaker::succeeded(Permit permit, Instant now) {
  if (permit.probe) {
    close();
  } else if (counts(permit)) {
    in_a_row_ = 0;
    count(false, now);
  }
}

void Breaker::failed(Permit permit, Blame blame, Instant now) {
  if (permit.probe) {
    probe_failed(blame, now);
  } else if (counts(permit) && blame == Blame::target) {
    ++in_a_row_;
    count(true, now);
    if (too_many_failures()) open(now, true);
  }
}

void Breaker::tripped(Permit permit, Instant now) {
  if (permit.probe) {
    probe_failed(Blame::target, now);
  } else if (counts(permit)) {
    open(now, true);
  }
}

void Breaker::released(Permit permit) {
  if (permit.probe) probing_ = false;
}

bool Breaker::end_open_time() {
  if (state_ != State::open) return false;
  half_open();
  return true;
}

void Breaker::open(Instant now, bool grow) {
  if (state_ == State::closed) ++period_;
  state_ = State::open;
  if (grow) ++opened_in_a_row_;
  const Duration grown = limits_.open_for * (1U << std::min(opened_in_a_row_ - 1, 10U));
  const Duration base = std::min(grown, limits_.max_open_for);
  const auto jitter =
      static_cast<Duration::rep>(static_cast<double>(base.count()) * 0.1 * random_.next_unit());
  open_until_ = now + base + Duration(jitter);
}

void Breaker::half_open() {
  state_ = State::half_open;
  probes_used_ = 0;
  target_blamed_ = false;
}

void Breaker::close() {
  state_ = State::closed;
  probing_ = false;
  in_a_row_ = 0;
  opened_in_a_row_ = 0;
  window_.clear();
  window_failures_ = 0;
  waiting_.clear();
  probed_.clear();
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

void Breaker::probe_failed(Blame blame, Instant now) {
  probing_ = false;
  target_blamed_ = target_blamed_ || blame == Blame::target;
  if (++probes_used_ >= limits_.probes) open(now, target_blamed_);
}

}  // namespace sluice::deliver
