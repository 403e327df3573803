// Who goes first among the workers that share a target, where there is not enough for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "deliver/rate_budget.h"

namespace sluice::deliver {

// Members are workers; those of a pipeline share its weight. First comes the pipeline with the
// fewest requests under way for its weight; among equals the one whose turn it is by start-time
// fair queueing (Goyal, Vin, Cheng, 1996); among members of one pipeline the one with the fewest
// requests, then the one that was let through longest ago.
//
// Who was refused for want of something waits for it, and what it needs is kept for it against
// those behind it, until it asks again; or for two seconds after it should have, since it may have
// nothing to send any more. Pure; not thread-safe.
class Turns {
 public:
  using PipelineId = std::size_t;
  using MemberId = std::uint64_t;
  // What a member may wait for; who numbers the stages is its caller.
  using Stage = std::size_t;

  PipelineId add_pipeline(double weight);
  // Another one in the place of one that has no members any more.
  void replace_pipeline(PipelineId pipeline, double weight) { pipelines_[pipeline] = {weight}; }
  void join(MemberId member, PipelineId pipeline);
  // Requests that are still under way come back before.
  void leave(MemberId member);
  // Whether the member may have something to send at all.
  void set_active(MemberId member, bool active) { members_.at(member).active = active; }

  void wait(MemberId member, Stage stage, LaneId lane, RequestSize request, Instant ask_again);
  void stop_waiting(MemberId member) { members_.at(member).wait.reset(); }
  // The lane has nothing to send any more.
  void forget(MemberId member, LaneId lane);

  void went(MemberId member);
  void returned(MemberId member);

  // What those who wait at the stage and come before the member need.
  Demand ahead_of(MemberId member, Stage stage, Instant now) const;
  // Those who wait at the stage, in their order, at most so many.
  std::vector<MemberId> first(Stage stage, std::size_t how_many, Instant now) const;
  std::size_t waiting(Instant now) const;

  std::size_t in_flight_of_pipeline_of(MemberId member) const;
  // Pipelines that may have something to send: all, and those others than the member's with no
  // request under way.
  std::size_t active_pipelines() const;
  std::size_t idle_besides(MemberId member) const;

 private:
  struct Pipeline {
    double weight = 1;
    std::size_t in_flight = 0;
    double next_start = 0;
  };
  struct Wait {
    Stage stage;
    LaneId lane;
    RequestSize request;
    Instant ends;
  };
  struct Member {
    PipelineId pipeline = 0;
    bool active = false;
    std::size_t in_flight = 0;
    std::uint64_t last_went = 0;
    std::optional<Wait> wait = std::nullopt;
  };

  bool before(const Member& a, const Member& b) const;
  std::vector<bool> active() const;  // by pipeline

  std::vector<Pipeline> pipelines_;
  std::map<MemberId, Member> members_;
  double virtual_time_ = 0;
  std::uint64_t went_ = 0;
};

}  // namespace sluice::deliver
