#include "deliver/gate.h"

#include <utility>

namespace sluice::deliver {
namespace {

// While another attempt is probing, nobody knows when the gate opens: the listener tells. This is
// only how long to sleep if no word comes.
constexpr Duration kWhileProbing = std::chrono::seconds(1);

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

Gate::Gate(Scope scope, std::string name, const Limits& limits, std::uint64_t seed, Instant now,
           telemetry::Log& log)
    : scope_(scope),
      name_(std::move(name)),
      log_(log),
      random_(seed),
      breaker_(limits.breaker, random_),
      throttle_(limits.throttle, random_),
      budget_(limits.rates, now) {}

void Gate::on_open(std::function<void()> listener) {
  const std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

void Gate::tell_listeners() {
  std::vector<std::function<void()>> listeners;
  {
    const std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  for (const auto& listener : listeners) listener();
}

Gate::Answer Gate::ask(Instant now) {
  const std::lock_guard lock(mutex_);
  if (now < throttled_until_) {
    return tl::unexpected(Closed{throttled_until_, StallReason::throttled, detail_});
  }
  const auto permit = breaker_.acquire(now);
  if (permit != Breaker::Permit::none) {
    // Last, so that nothing else can refuse a request that has taken its tokens.
    const auto wait = budget_.take(now);
    if (!wait) return permit;
    breaker_.released(permit);
    return tl::unexpected(Closed{*wait, StallReason::rate_limited, "rate_limit is used up"});
  }
  const Instant until =
      breaker_.state() == Breaker::State::open ? breaker_.open_until() : now + kWhileProbing;
  return tl::unexpected(Closed{until, reason_, detail_});
}

void Gate::answered(Breaker::Permit permit, const Judgement& judgement, Instant now) {
  bool opened = false;
  {
    const std::lock_guard lock(mutex_);
    const auto before = breaker_.state();
    apply(effect_of(judgement.verdict), permit, judgement, now);
    const auto after = breaker_.state();
    opened = before != Breaker::State::closed &&
             (after == Breaker::State::closed || permit == Breaker::Permit::probe);
    if (before != after) log_move(before, now);
  }
  if (opened) tell_listeners();
}

void Gate::released(Breaker::Permit permit) {
  handed_back(permit);
  if (permit == Breaker::Permit::probe) tell_listeners();
}

void Gate::handed_back(Breaker::Permit permit) {
  const std::lock_guard lock(mutex_);
  breaker_.released(permit);
}

Gate::Effect Gate::effect_of(Verdict verdict) const {
  const bool answers =
      verdict == Verdict::delivered || verdict == Verdict::rejected || verdict == Verdict::split;
  if (answers) return Effect::success;
  if (scope_ == Scope::path) {
    return verdict == Verdict::misconfigured ? Effect::trip : Effect::none;
  }
  switch (verdict) {
    case Verdict::retry:
      return Effect::failure;
    case Verdict::unauthorized:
      return Effect::trip;
    case Verdict::throttled:
      return Effect::throttle;
    default:
      return Effect::none;
  }
}

void Gate::apply(Effect effect, Breaker::Permit permit, const Judgement& judgement, Instant now) {
  switch (effect) {
    case Effect::success:
      throttle_.reset();
      breaker_.succeeded(permit, now);
      return;
    case Effect::failure:
      reason_ = StallReason::breaker_open;
      detail_ = judgement.words();
      breaker_.failed(permit, now);
      return;
    case Effect::trip:
      reason_ = scope_ == Scope::path ? StallReason::misconfigured : StallReason::unauthorized;
      detail_ = judgement.words();
      breaker_.tripped(permit, now);
      return;
    case Effect::throttle: {
      detail_ = judgement.words();
      // "At once", or a date that has passed, would make a loop without a pause.
      const Duration own = throttle_.next();
      const Duration asked = judgement.retry_after.value_or(Duration::zero());
      throttled_until_ = std::max(throttled_until_, now + (asked > Duration::zero() ? asked : own));
      breaker_.released(permit);
      return;
    }
    case Effect::none:
      breaker_.released(permit);
      return;
  }
}

void Gate::log_move(Breaker::State before, Instant now) {
  const std::string_view scope = scope_ == Scope::target ? "target" : "pipeline";
  if (breaker_.state() == Breaker::State::open) {
    log_.write(telemetry::Level::warn, telemetry::Event::breaker_opened,
               {{scope, name_},
                {"reason", std::string(to_string(reason_))},
                {"detail", detail_},
                {"next_probe_ms", milliseconds(breaker_.open_until() - now)}});
  } else if (breaker_.state() == Breaker::State::closed && before != Breaker::State::closed) {
    log_.write(telemetry::Level::info, telemetry::Event::breaker_closed, {{scope, name_}});
  }
}

}  // namespace sluice::deliver
