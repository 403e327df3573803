#include "deliver/target_gate.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "config/rate_limit.h"
#include "deliver/gate_calls.h"

namespace sluice::deliver {
namespace {

// Nobody knows when there is room again: the worker is called. This is only how long to sleep if no
// word comes.
constexpr Duration kWhileFull = std::chrono::seconds(1);
// With no answer for so long one more request may go, up to concurrency.max.
constexpr Duration kUnanswered = std::chrono::seconds(1);
// Who holds the gate looks again that often.
constexpr Duration kUntilHeldNoMore = std::chrono::seconds(1);
constexpr Duration kUntilReleased = std::chrono::hours(1);

std::vector<config::RateLimit> limits_of(const std::vector<config::RateLimit>& all,
                                         const std::string& path) {
  std::vector<config::RateLimit> limits;
  std::copy_if(all.begin(), all.end(), std::back_inserter(limits),
               [&](const auto& limit) { return limit.path == path; });
  return limits;
}

// `path` empty: of all.
std::size_t largest_record(const std::vector<config::Pipeline>& users, const std::string& path) {
  std::size_t largest = 1;
  for (const auto& user : users) {
    if (!path.empty() && user.path != path) continue;
    largest = std::max(largest, config::largest_single_body(user));
  }
  return largest;
}

}  // namespace

TargetGate::TargetGate(const config::Target& target, const std::vector<config::Pipeline>& users,
                       std::uint64_t seed, const Clock& clock, telemetry::TargetMetrics& metrics,
                       telemetry::Log& log)
    : name_(target.name),
      limits_(target.rate_limit),
      obeys_headers_(target.rate_limit_headers),
      breaker_(target.circuit_breaker),
      clock_(clock),
      metrics_(metrics),
      log_(log),
      random_(seed),
      circuit_{Breaker(target.circuit_breaker, random_)},
      concurrency_(target.concurrency) {
  const Instant now = clock.now();
  circuit_.since = clock.wall_now();
  scopes_.push_back({Budget(limits_of(limits_, ""), largest_record(users, ""), random_, now), 1});
  for (const auto& limit : target.rate_limit) {
    if (limit.path.empty() || paths_.contains(limit.path)) continue;
    const std::size_t largest = largest_record(users, limit.path);
    scopes_.push_back(
        {Budget(limits_of(limits_, limit.path), largest, random_, now), scopes_.size() + 1});
    paths_[limit.path] = &scopes_.back();
  }
  show();
}

TargetGate::PipelineId TargetGate::add_pipeline(const config::Pipeline& pipeline) {
  const std::lock_guard lock(mutex_);
  std::optional<RefusalGuard> guard;
  if (pipeline.refusal_guard) guard.emplace(*pipeline.refusal_guard);
  const auto path = paths_.find(pipeline.path);
  Pipeline made{pipeline.name, Circuit{Breaker(breaker_, random_)}, guard,
                path == paths_.end() ? nullptr : path->second};
  if (free_.empty()) {
    pipelines_.push_back(std::move(made));
    return turns_.add_pipeline(pipeline.weight);
  }
  const PipelineId place = free_.back();
  free_.pop_back();
  std::destroy_at(&pipelines_[place]);  // its breaker refers to what it was made with
  std::construct_at(&pipelines_[place], std::move(made));
  turns_.replace_pipeline(place, pipeline.weight);
  return place;
}

void TargetGate::remove_pipeline(PipelineId pipeline) {
  const std::lock_guard lock(mutex_);
  free_.push_back(pipeline);
}

TargetGate::MemberId TargetGate::join(PipelineId pipeline, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  members_[++last_member_] = {pipeline, std::move(wake)};
  turns_.join(last_member_, pipeline);
  return last_member_;
}

void TargetGate::set_partitions(MemberId member, std::size_t held, std::size_t of_all,
                                Instant now) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  Member& who = members_.at(member);
  who.held = held;
  who.of_all = of_all;
  turns_.set_active(member, held > 0);
  for (auto& scope : scopes_) {
    share(scope, now);
    // They were told to wait for what may come sooner now.
    for (const MemberId other : turns_.first(scope.stage, members_.size(), now)) {
      if (other != member) calls.add(members_.at(other).wake);
    }
  }
  call_who_can_go(member, now, calls);
}

void TargetGate::share(Scope& scope, Instant now) {
  std::size_t held = 0;
  std::size_t of_all = 0;
  for (const auto& [id, member] : members_) {
    if (&scope != &scopes_.front() && pipelines_[member.pipeline].path != &scope) continue;
    held += member.held;
    of_all = std::max(of_all, member.of_all);
  }
  scope.budget.set_share(held, of_all, now);
}

tl::expected<Pass, TargetGate::Closed> TargetGate::ask(MemberId member, LaneId lane,
                                                       RequestSize request, Instant now) {
  Calls calls;
  const std::lock_guard lock(mutex_);
  turns_.stop_waiting(member);
  auto closed = refusal(member, lane, request, now);
  tl::expected<Pass, Closed> answer = Pass{};
  if (closed) {
    answer = tl::unexpected(std::move(*closed));
  } else {
    answer = let_through(member, lane, request);
  }
  call_who_can_go(member, now, calls);
  show();
  return answer;
}

std::optional<TargetGate::Closed> TargetGate::refusal(MemberId member, LaneId lane,
                                                      RequestSize request, Instant now) {
  held_[lane] = member;  // until it is let through, or something else than a breaker holds it
  if (hold_) return Closed{now + kUntilHeldNoMore, StallReason::unauthorized, *hold_};
  Pipeline& pipeline = pipeline_of(member);
  auto closed = pipeline_refusal(pipeline, lane, now);
  if (!closed && pipeline.path != nullptr) {
    closed = budget_refusal(*pipeline.path, member, lane, request, now);
  }
  if (closed) {
    circuit_.breaker.forget(lane);  // it could not make use of a probe
    return closed;
  }
  if (!circuit_.breaker.may_go(lane, now)) {
    return Closed{circuit_.breaker.ask_again(now), circuit_.reason, circuit_.detail};
  }
  closed = budget_refusal(scopes_.front(), member, lane, request, now);
  if (closed) return closed;
  // What hangs from before an outage must not keep a probe from going.
  const bool probe = circuit_.breaker.state() == Breaker::State::half_open;
  allow_for_silence(now);
  if (probe || has_room(member, now)) return std::nullopt;
  held_.erase(lane);
  turns_.wait(member, kRoom, lane, request, now + kWhileFull);
  return Closed{now + kWhileFull, StallReason::flowing};
}

std::optional<TargetGate::Closed> TargetGate::pipeline_refusal(Pipeline& pipeline, LaneId lane,
                                                               Instant now) {
  const Circuit& circuit = pipeline.circuit;
  if (!pipeline.circuit.breaker.may_go(lane, now)) {
    return Closed{circuit.breaker.ask_again(now), circuit.reason, circuit.detail};
  }
  if (pipeline.guard && pipeline.guard->closed()) {
    return Closed{now + kUntilReleased, StallReason::refusal_guard, guard_detail(pipeline)};
  }
  return std::nullopt;
}

std::optional<TargetGate::Closed> TargetGate::budget_refusal(Scope& scope, MemberId member,
                                                             LaneId lane, RequestSize request,
                                                             Instant now) {
  const Demand ahead = turns_.ahead_of(member, scope.stage, now);
  const auto refusal = scope.budget.refusal(request, ahead, now);
  if (!refusal) return std::nullopt;
  held_.erase(lane);
  if (refusal->reason == StallReason::rate_limited) {
    turns_.wait(member, scope.stage, lane, request, refusal->until);
  }
  return Closed{refusal->until, refusal->reason, refusal->detail};
}

void TargetGate::allow_for_silence(Instant now) {
  if (flights_.empty()) moved_at_ = now;
  if (flights_.size() < concurrency_.limit() || now < moved_at_ + kUnanswered) return;
  concurrency_.nothing_answered();
  moved_at_ = now;
}

bool TargetGate::has_room(MemberId member, Instant now) const {
  const std::size_t limit = concurrency_.limit();
  if (flights_.size() >= limit) return false;
  const std::size_t free = limit - flights_.size();
  if (turns_.ahead_of(member, kRoom, now).requests >= free) return false;
  // One for each pipeline that has none, so that nobody's slow answers can keep all the room.
  const bool first_of_its_pipeline = turns_.in_flight_of_pipeline_of(member) == 0;
  if (first_of_its_pipeline || limit < turns_.active_pipelines()) return true;
  // But half of it at most: many that are idle must not keep the one that is busy at a crawl.
  return std::min(turns_.idle_besides(member), limit / 2) < free;
}

Pass TargetGate::let_through(MemberId member, LaneId lane, RequestSize request) {
  Pipeline& pipeline = pipeline_of(member);
  held_.erase(lane);
  const Flight flight{member, pipeline.circuit.breaker.take(lane), circuit_.breaker.take(lane)};
  if (pipeline.path != nullptr) pipeline.path->budget.take(request);
  scopes_.front().budget.take(request);
  turns_.went(member);
  flights_.emplace(++last_pass_, flight);
  // Places that are kept for others are made use of, too: else it would never grow past them.
  concurrency_.in_flight(flights_.size() + turns_.idle_besides(member));
  return {last_pass_, flight.pipeline.small || flight.target.small};
}

RequestSize TargetGate::largest(MemberId member) const {
  const std::lock_guard lock(mutex_);
  RequestSize most = scopes_.front().budget.largest();
  if (const Scope* path = pipelines_[members_.at(member).pipeline].path) {
    most.records = std::min(most.records, path->budget.largest().records);
    most.bytes = std::min(most.bytes, path->budget.largest().bytes);
  }
  return most;
}

bool TargetGate::delivered_after(MemberId member, Instant when) const {
  const std::lock_guard lock(mutex_);
  const Pipeline& pipeline = pipelines_[members_.at(member).pipeline];
  return pipeline.delivered > when || (!pipeline.gave_up && delivered_ > when);
}

void TargetGate::gave_up(MemberId member) {
  const std::lock_guard lock(mutex_);
  pipeline_of(member).gave_up = true;
}

}  // namespace sluice::deliver
