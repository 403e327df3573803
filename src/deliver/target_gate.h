// Whether a request to a target may go out now: what all workers of all its pipelines share.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "deliver/admission.h"
#include "deliver/concurrency.h"
#include "deliver/gate_parts.h"
#include "deliver/turns.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/target_status.h"

namespace sluice::deliver {

// A request passes, in this order: its pipeline's breaker (which opens for answers that say that
// the path or what is expected of it is wrong) and refusal guard, the budget of its path where that
// has one, the target's breaker (failures, refused credentials), the target's budget, and the limit
// of requests under way. Nothing is spent unless all agree.
//
// Each pipeline can always have one request under way, as long as the limit is that high. All of it
// is behind one mutex. Thread-safe; no call blocks for longer than the mutex and a log line.
class TargetGate {
 public:
  using PipelineId = Turns::PipelineId;
  using MemberId = Turns::MemberId;
  using Closed = Admission::Closed;

  // `users`: the pipelines of the target, by whose largest records its budgets are sized; none of
  // them is known before it is added. What is passed by reference outlives the gate.
  TargetGate(const config::Target& target, const std::vector<config::Pipeline>& users,
             std::uint64_t seed, const Clock& clock, telemetry::TargetMetrics& metrics,
             telemetry::Log& log);

  PipelineId add_pipeline(const config::Pipeline& pipeline);
  // Its members have left for good.
  void remove_pipeline(PipelineId pipeline);

  // For PipelineAdmission, which says what these promise.
  MemberId join(PipelineId pipeline, std::function<void()> wake);
  void leave(MemberId member);
  void set_partitions(MemberId member, std::size_t held, std::size_t of_all, Instant now);
  tl::expected<Pass, Closed> ask(MemberId member, LaneId lane, RequestSize request, Instant now);
  RequestSize largest(MemberId member) const;
  void answered(const Pass& pass, const Judgement& judgement, Blame blame,
                const http::Answer* answer, Instant sent_at, Instant now);
  void cancelled(const Pass& pass);
  void forget(MemberId member, LaneId lane);
  bool delivered_after(MemberId member, Instant when) const;
  void gave_up(MemberId member);
  void judged(MemberId member, std::size_t taken, std::size_t refused);

  // An operator wants to know now: ends the open time of the pipeline's and the target's breaker,
  // and releases the refusal guard. Budgets and what the target asked for stay. Returns how many of
  // them held requests back.
  std::size_t open_now(PipelineId pipeline);
  // Ends the open time of the target's breaker and of those of all its pipelines; guards stay as
  // they are. Returns how many were open.
  std::size_t reset_breakers();
  // While there is no credential nothing goes; `why` is shown as the reason. nullopt: there is one.
  void hold(std::optional<std::string> why);
  // The credential is another one now: ends the open time of breakers that opened for the one
  // before.
  void credential_moved();
  telemetry::TargetStatus status() const;
  // From now on its budgets are what the metrics show, and no others of the target.
  void show_budgets();
  // What keeps all of the member's batches from going: a breaker that is not closed, the guard, a
  // credential that is missing, or what the target asked for. nullopt: nothing of that; its own
  // budgets may, and room.
  std::optional<Closed> closed_by(MemberId member, Instant now) const;

 private:
  using Circuit = GateCircuit;
  using Scope = GateScope;
  using Pipeline = GatePipeline;
  using Member = GateMember;
  using Flight = GateFlight;
  enum class Effect : std::uint8_t { success, failure, trip, none };
  // Calls workers when it goes: after the mutex, where it stands in front of it.
  class Calls;

  // target_gate.cc
  Pipeline& pipeline_of(MemberId member) { return pipelines_[members_.at(member).pipeline]; }
  std::optional<Closed> refusal(MemberId member, LaneId lane, RequestSize request, Instant now);
  std::optional<Closed> pipeline_refusal(Pipeline& pipeline, LaneId lane, Instant now);
  std::optional<Closed> budget_refusal(Scope& scope, MemberId member, LaneId lane,
                                       RequestSize request, Instant now);
  Pass let_through(MemberId member, LaneId lane, RequestSize request);
  void allow_for_silence(Instant now);
  bool has_room(MemberId member, Instant now) const;
  void share(Scope& scope, Instant now);

  // target_gate_shown.cc
  std::vector<telemetry::BudgetStatus> budgets(Instant now) const;

  // target_gate_answers.cc
  std::optional<Flight> land(const Pass& pass);
  void release(const Flight& flight);
  void apply(Circuit& circuit, Breaker::Permit permit, Effect effect, Blame blame,
             const Judgement& judgement, Instant now);
  void note_move(const Circuit& circuit, Instant now);
  bool concerns_path(GatePipeline& pipeline, const Judgement& judgement, const http::Answer* answer,
                     Instant now) const;
  void learn_pace(Scope& scope, const Judgement& judgement, Blame blame, Instant sent_at,
                  Instant now);
  void note_refusal(Pipeline& pipeline, const Judgement& judgement);
  std::string guard_detail(const Pipeline& pipeline) const;
  // The lanes that the circuit held wait for room from now on.
  void call_back(const Circuit* circuit, Instant now);
  void call_who_can_go(MemberId caller, Instant now, Calls& calls) const;
  void show();

  const std::string name_;
  const std::vector<config::RateLimit> limits_;
  const bool obeys_headers_;
  const config::CircuitBreaker breaker_;
  const Clock& clock_;
  telemetry::TargetMetrics& metrics_;
  telemetry::Log& log_;

  mutable std::mutex mutex_;  // guards all below
  SeededRandom random_;
  Turns turns_;
  Circuit circuit_;
  std::deque<Scope> scopes_;  // the target's first, then those of paths; they keep their places
  std::map<std::string, Scope*> paths_;
  Concurrency concurrency_;
  std::deque<Pipeline> pipelines_;
  std::vector<PipelineId> free_;  // of them, those whose places may be taken
  std::map<MemberId, Member> members_;
  MemberId last_member_ = 0;
  std::unordered_map<std::uint64_t, Flight> flights_;
  std::uint64_t last_pass_ = 0;
  std::optional<std::string> hold_;
  std::map<LaneId, MemberId> held_;  // lanes that a breaker or guard refused
  Instant delivered_{};              // when the latest request that was delivered had been sent
  Instant moved_at_{};  // the last answer, or what was done since about there being none
};

}  // namespace sluice::deliver
