// What answers teach the gate, and who may go because of them.
#include <algorithm>
#include <utility>

#include "deliver/gate_calls.h"
#include "deliver/target_gate.h"
#include "telemetry/commands.h"

namespace sluice::deliver {
namespace {

// By then who was called has asked.
constexpr Duration kUntilCalled = std::chrono::seconds(1);

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

bool took_or_refused(Verdict verdict) {
  return verdict == Verdict::delivered || verdict == Verdict::rejected || verdict == Verdict::split;
}

}  // namespace

// Takes the request out of those that are under way.
std::optional<TargetGate::Flight> TargetGate::land(const Pass& pass) {
  const auto found = flights_.find(pass.id);
  if (found == flights_.end()) return std::nullopt;
  const Flight flight = found->second;
  flights_.erase(found);
  turns_.returned(flight.member);
  if (Scope* path = pipeline_of(flight.member).path) path->budget.returned();
  scopes_.front().budget.returned();
  return flight;
}

void TargetGate::release(const Flight& flight) {
  pipeline_of(flight.member).circuit.breaker.released(flight.pipeline);
  circuit_.breaker.released(flight.target);
}

void TargetGate::answered(const Pass& pass, const Judgement& judgement, Blame blame,
                          const http::Answer* answer, Instant sent_at, Instant now) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  const auto flight = land(pass);
  if (!flight) return;
  moved_at_ = now;
  Pipeline& pipeline = pipeline_of(flight->member);
  Scope& scope = pipeline.path != nullptr ? *pipeline.path : scopes_.front();
  const Verdict verdict = judgement.verdict;
  const Effect done = took_or_refused(verdict) ? Effect::success : Effect::none;
  learn_pace(scope, judgement, blame, sent_at, now);
  const bool of_path = concerns_path(pipeline, judgement, answer, now);
  apply(pipeline.circuit, flight->pipeline, of_path ? Effect::trip : done, blame, judgement, now);
  apply(circuit_, flight->target,
        verdict == Verdict::retry                      ? Effect::failure
        : verdict == Verdict::unauthorized && !of_path ? Effect::trip
                                                       : done,
        blame, judgement, now);
  if (verdict == Verdict::delivered) {
    delivered_ = std::max(delivered_, sent_at);
    pipeline.delivered = std::max(pipeline.delivered, sent_at);
    pipeline.gave_up = false;
  }
  note_refusal(pipeline, judgement);
  if (obeys_headers_ && answer != nullptr) {
    const auto allowance = read_allowance(*answer, clock_.wall_now());
    if (allowance) scope.budget.allow(*allowance, sent_at, now);
  }
  call_who_can_go(flight->member, now, calls);
  show();
}

// A wrong path, or a credential that is refused there while it is taken on other paths: those must
// not stand still for it.
bool TargetGate::concerns_path(GatePipeline& pipeline, const Judgement& judgement,
                               const http::Answer* answer, Instant now) const {
  if (judgement.verdict == Verdict::misconfigured) return true;
  const bool forbidden =
      judgement.verdict == Verdict::unauthorized && answer != nullptr && answer->status == 403;
  if (!forbidden) return false;
  const auto before = std::exchange(pipeline.forbidden, now);
  return before && delivered_ > *before && pipeline.delivered <= *before;
}

void TargetGate::learn_pace(Scope& scope, const Judgement& judgement, Blame blame, Instant sent_at,
                            Instant now) {
  if (judgement.verdict == Verdict::throttled) {
    metrics_.throttled(scope.budget.throttle(judgement.retry_after, judgement.words(), now));
    concurrency_.overloaded(sent_at, now);
    // Nothing is under way by then: whoever waits must not come all at once.
    if (&scope == &scopes_.front()) concurrency_.slow_down();
    return;
  }
  if (took_or_refused(judgement.verdict)) {
    scope.budget.answered();
    concurrency_.succeeded();
  }
  if (judgement.verdict == Verdict::retry && blame == Blame::target) {
    concurrency_.overloaded(sent_at, now);
  }
}

void TargetGate::apply(Circuit& circuit, Breaker::Permit permit, Effect effect, Blame blame,
                       const Judgement& judgement, Instant now) {
  Breaker& breaker = circuit.breaker;
  const auto before = breaker.state();
  const bool failed = effect == Effect::failure || effect == Effect::trip;
  if (effect == Effect::none) breaker.released(permit);
  if (effect == Effect::success) breaker.succeeded(permit, now);
  if (failed && (effect == Effect::failure || blame == Blame::record)) {
    breaker.failed(permit, blame, now);
  } else if (failed) {
    breaker.tripped(permit, now);
  }
  if (breaker.state() == before) return;
  if (breaker.state() == Breaker::State::open) {
    circuit.reason = effect == Effect::failure                    ? StallReason::breaker_open
                     : judgement.verdict == Verdict::unauthorized ? StallReason::unauthorized
                                                                  : StallReason::misconfigured;
    circuit.detail = judgement.words();
  }
  const bool closed = breaker.state() == Breaker::State::closed;
  if (closed || before == Breaker::State::closed) circuit.since = clock_.wall_now();
  note_move(circuit, now);
  if (!closed) return;
  if (&circuit == &circuit_) concurrency_.restart();
  call_back(&circuit, now);
}

void TargetGate::note_move(const Circuit& circuit, Instant now) {
  const bool of_target = &circuit == &circuit_;
  std::string_view scope = "target";
  std::string name = name_;
  for (const Pipeline& pipeline : pipelines_) {
    if (&pipeline.circuit != &circuit) continue;
    scope = "pipeline";
    name = pipeline.name;
  }
  if (circuit.breaker.state() == Breaker::State::closed) {
    log_.write(telemetry::Level::info, telemetry::Event::breaker_closed, {{scope, name}});
    return;
  }
  if (of_target) metrics_.breaker_opened();
  log_.write(telemetry::Level::warn, telemetry::Event::breaker_opened,
             {{scope, name},
              {"reason", std::string(to_string(circuit.reason))},
              {"detail", circuit.detail},
              {"next_probe_ms", milliseconds(circuit.breaker.open_until() - now)}});
}

void TargetGate::note_refusal(Pipeline& pipeline, const Judgement& judgement) {
  if (!pipeline.guard) return;
  if (judgement.verdict == Verdict::rejected || judgement.verdict == Verdict::split) {
    pipeline.last_refusal = judgement.detail;
  }
  for (const RecordResult& result : judgement.records) {
    if (took_or_refused(result.verdict)) pipeline.last_refusal = result.detail;
  }
  if (!pipeline.guard->closed() || pipeline.guard_logged) return;
  pipeline.guard_logged = true;
  log_.write(telemetry::Level::error, telemetry::Event::refusal_guard_closed,
             {{"pipeline", pipeline.name}, {"detail", guard_detail(pipeline)}});
}

std::string TargetGate::guard_detail(const Pipeline& pipeline) const {
  return std::to_string(pipeline.guard->refused()) + " of the last " +
         std::to_string(pipeline.guard->judged()) + " records were refused" +
         (pipeline.last_refusal.empty() ? "" : ", the last since " + pipeline.last_refusal) +
         "; see what is wrong with them, then " + telemetry::act_command("retry", pipeline.name) +
         " or restart";
}

void TargetGate::judged(MemberId member, std::size_t taken, std::size_t refused) {
  const std::lock_guard lock(mutex_);
  if (auto& guard = pipeline_of(member).guard) guard->judged(taken, refused);
}

void TargetGate::cancelled(const Pass& pass) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  const auto flight = land(pass);
  if (!flight) return;
  release(*flight);
  call_who_can_go(flight->member, clock_.now(), calls);
  show();
}

void TargetGate::forget(MemberId member, LaneId lane) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  turns_.forget(member, lane);
  held_.erase(lane);
  circuit_.breaker.forget(lane);
  pipeline_of(member).circuit.breaker.forget(lane);
  call_who_can_go(member, clock_.now(), calls);
}

void TargetGate::leave(MemberId member) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  std::vector<Pass> under_way;
  for (const auto& [id, flight] : flights_) {
    if (flight.member == member) under_way.push_back({id});
  }
  for (const Pass& pass : under_way) release(*land(pass));
  for (auto lane = held_.begin(); lane != held_.end();) {
    const bool its = lane->second == member;
    if (its) circuit_.breaker.forget(lane->first);
    if (its) pipeline_of(member).circuit.breaker.forget(lane->first);
    lane = its ? held_.erase(lane) : std::next(lane);
  }
  turns_.leave(member);
  members_.erase(member);
  for (auto& scope : scopes_) share(scope, clock_.now());
  call_who_can_go(member, clock_.now(), calls);
  show();
}

void TargetGate::call_back(const Circuit* circuit, Instant now) {
  for (auto held = held_.begin(); held != held_.end();) {
    const auto [lane, member] = *held;
    const bool its = circuit == &circuit_ || circuit == &pipeline_of(member).circuit;
    if (its) turns_.wait(member, kRoom, lane, {}, now + kUntilCalled);
    held = its ? held_.erase(held) : std::next(held);
  }
}

void TargetGate::call_who_can_go(MemberId caller, Instant now, Calls& calls) const {
  const auto call = [&](MemberId member) {
    if (member != caller) calls.add(members_.at(member).wake);
  };
  const auto call_to_probe = [&](const Breaker& breaker) {
    const auto lane = breaker.next_to_probe();
    if (!lane) return;
    const auto owner = held_.find(*lane);
    if (owner != held_.end()) call(owner->second);
  };
  for (const Pipeline& pipeline : pipelines_) call_to_probe(pipeline.circuit.breaker);
  call_to_probe(circuit_.breaker);
  if (circuit_.breaker.state() != Breaker::State::closed) return;
  const std::size_t limit = concurrency_.limit();
  const std::size_t free = limit - std::min(limit, flights_.size());
  for (const MemberId member : turns_.first(kRoom, free, now)) {
    if (has_room(member, now)) call(member);
  }
}

std::size_t TargetGate::open_now(PipelineId id) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  Pipeline& pipeline = pipelines_.at(id);
  std::size_t held = 0;
  held += pipeline.circuit.breaker.end_open_time() ? 1 : 0;
  held += circuit_.breaker.end_open_time() ? 1 : 0;
  if (pipeline.guard && pipeline.guard->closed()) {
    ++held;
    pipeline.guard->release();
    pipeline.guard_logged = false;
  }
  for (const auto& [member, who] : members_) calls.add(who.wake);
  show();
  return held;
}

std::size_t TargetGate::reset_breakers() {
  Calls calls;
  const std::lock_guard lock(mutex_);
  std::size_t open = circuit_.breaker.end_open_time() ? 1 : 0;
  for (PipelineId id = 0; id < pipelines_.size(); ++id) {
    if (std::find(free_.begin(), free_.end(), id) != free_.end()) continue;  // it has left
    open += pipelines_[id].circuit.breaker.end_open_time() ? 1 : 0;
  }
  for (const auto& [member, who] : members_) calls.add(who.wake);
  show();
  return open;
}

void TargetGate::hold(std::optional<std::string> why) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  const bool held = hold_.has_value();
  hold_ = std::move(why);
  if (hold_ || !held) return;
  for (const auto& [member, who] : members_) calls.add(who.wake);
}

void TargetGate::credential_moved() {
  Calls calls;
  const std::lock_guard lock(mutex_);
  const auto try_again = [](Circuit& circuit) {
    if (circuit.reason == StallReason::unauthorized) circuit.breaker.end_open_time();
  };
  try_again(circuit_);
  for (Pipeline& pipeline : pipelines_) try_again(pipeline.circuit);
  for (const auto& [member, who] : members_) calls.add(who.wake);
  show();
}

void TargetGate::show() {
  metrics_.set_breaker(circuit_.breaker.state());
  metrics_.set_concurrency(concurrency_.limit(), flights_.size());
}

telemetry::TargetStatus TargetGate::status() const {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.now();
  const auto wall = [&](Instant when) {
    return clock_.wall_now() + std::chrono::duration_cast<WallTime::duration>(when - now);
  };
  const Breaker& breaker = circuit_.breaker;
  telemetry::TargetStatus status;
  status.breaker = breaker.state();
  status.since = circuit_.since;
  if (status.breaker != Breaker::State::closed) {
    status.reason = circuit_.reason;
    status.detail = circuit_.detail;
  }
  if (hold_) {
    status.reason = StallReason::unauthorized;
    status.detail = *hold_;
    status.next = "the token server is asked again";
  }
  if (status.breaker != Breaker::State::closed) status.next = "one request tries again";
  if (status.breaker == Breaker::State::open) {
    status.next_at = wall(breaker.open_until());
    status.release = {telemetry::act_command("reset-breaker", name_)};
  }
  const Instant throttled_until = scopes_.front().budget.throttled_until();
  if (throttled_until > now) status.throttled_until = wall(throttled_until);
  status.concurrency_limit = concurrency_.limit();
  status.in_flight = flights_.size();
  status.waiting = breaker.waiting() + turns_.waiting(now);
  status.budgets = budgets(now);
  return status;
}

}  // namespace sluice::deliver
