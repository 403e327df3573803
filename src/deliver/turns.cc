#include "deliver/turns.h"

#include <algorithm>
#include <tuple>

namespace sluice::deliver {
namespace {

constexpr Duration kTurnPatience = std::chrono::seconds(2);

}  // namespace

Turns::PipelineId Turns::add_pipeline(double weight) {
  pipelines_.push_back({weight});
  return pipelines_.size() - 1;
}

void Turns::join(MemberId member, PipelineId pipeline) { members_[member].pipeline = pipeline; }

void Turns::leave(MemberId member) { members_.erase(member); }

void Turns::wait(MemberId member, Stage stage, LaneId lane, RequestSize request,
                 Instant ask_again) {
  members_.at(member).wait = Wait{stage, lane, request, ask_again + kTurnPatience};
}

void Turns::forget(MemberId member, LaneId lane) {
  auto& wait = members_.at(member).wait;
  if (wait && wait->lane == lane) wait.reset();
}

void Turns::went(MemberId member) {
  Member& who = members_.at(member);
  Pipeline& pipeline = pipelines_[who.pipeline];
  who.wait.reset();
  who.last_went = ++went_;
  ++who.in_flight;
  ++pipeline.in_flight;
  // Whoever had nothing to send for a while has no turns saved up.
  virtual_time_ = std::max(virtual_time_, pipeline.next_start);
  pipeline.next_start = virtual_time_ + 1 / pipeline.weight;
}

void Turns::returned(MemberId member) {
  Member& who = members_.at(member);
  --who.in_flight;
  --pipelines_[who.pipeline].in_flight;
}

bool Turns::before(const Member& a, const Member& b) const {
  const auto place = [this](const Member& member) {
    const Pipeline& pipeline = pipelines_[member.pipeline];
    return std::tuple(static_cast<double>(pipeline.in_flight) / pipeline.weight,
                      std::max(pipeline.next_start, virtual_time_), member.pipeline,
                      member.in_flight, member.last_went);
  };
  return place(a) < place(b);
}

Demand Turns::ahead_of(MemberId member, Stage stage, Instant now) const {
  const Member& who = members_.at(member);
  Demand ahead;
  for (const auto& [id, other] : members_) {
    if (id == member || !other.wait || other.wait->stage != stage || other.wait->ends <= now) {
      continue;
    }
    if (before(other, who)) ahead.add(other.wait->request);
  }
  return ahead;
}

std::vector<Turns::MemberId> Turns::first(Stage stage, std::size_t how_many, Instant now) const {
  std::vector<MemberId> waiting;
  for (const auto& [id, member] : members_) {
    if (member.wait && member.wait->stage == stage && member.wait->ends > now) {
      waiting.push_back(id);
    }
  }
  std::sort(waiting.begin(), waiting.end(),
            [this](MemberId a, MemberId b) { return before(members_.at(a), members_.at(b)); });
  waiting.resize(std::min(waiting.size(), how_many));
  return waiting;
}

std::size_t Turns::waiting(Instant now) const {
  return static_cast<std::size_t>(std::count_if(
      members_.begin(), members_.end(),
      [&](const auto& entry) { return entry.second.wait && entry.second.wait->ends > now; }));
}

std::size_t Turns::in_flight_of_pipeline_of(MemberId member) const {
  return pipelines_[members_.at(member).pipeline].in_flight;
}

std::vector<bool> Turns::active() const {
  std::vector<bool> active(pipelines_.size());
  for (const auto& [id, member] : members_) {
    if (member.active) active[member.pipeline] = true;
  }
  return active;
}

std::size_t Turns::active_pipelines() const {
  const auto all = active();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), true));
}

std::size_t Turns::idle_besides(MemberId member) const {
  const auto all = active();
  std::size_t idle = 0;
  for (PipelineId i = 0; i < pipelines_.size(); ++i) {
    if (i == members_.at(member).pipeline) continue;
    idle += all[i] && pipelines_[i].in_flight == 0 ? 1 : 0;
  }
  return idle;
}

}  // namespace sluice::deliver
