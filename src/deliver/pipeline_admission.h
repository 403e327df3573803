// What one worker asks before each request: its member's place at the gate of its target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "deliver/admission.h"
#include "deliver/target_gate.h"

namespace sluice::deliver {

// Shared by the workers of a pipeline; the gate outlives them.
struct AdmissionParts {
  TargetGate& gate;
  TargetGate::PipelineId pipeline = 0;  // what gate.add_pipeline() said
};

// For one worker's thread. The destructor gives everything back that has not come back yet.
class PipelineAdmission final : public Admission {
 public:
  // `wake`: called from any thread when a request that was refused may be let through sooner than
  // was said. Never by a call of this worker's own.
  PipelineAdmission(const AdmissionParts& parts, std::function<void()> wake);
  ~PipelineAdmission() override;
  PipelineAdmission(const PipelineAdmission&) = delete;
  PipelineAdmission& operator=(const PipelineAdmission&) = delete;

  // The worker holds so many partitions now, of so many that all members of its group hold
  // together (0: not known). To be called before it sends for a partition that it gains, and
  // before another member can send for one that it loses.
  void set_partitions(std::size_t held, std::size_t of_all, Instant now);

  // As the gate's.
  std::optional<Closed> closed_by(Instant now) const { return gate_.closed_by(member_, now); }

  tl::expected<Pass, Closed> ask(LaneId lane, RequestSize size, Instant now) override;
  RequestSize largest() const override;
  void answered(const Pass& pass, const Judgement& judgement, Blame blame,
                const http::Answer* answer, Instant sent_at, Instant now) override;
  void cancelled(const Pass& pass) override;
  void forget(LaneId lane) override;
  bool delivered_after(Instant when) const override;
  void gave_up() override;
  void judged(std::size_t taken, std::size_t refused, Instant now) override;

 private:
  TargetGate& gate_;
  const TargetGate::MemberId member_;
};

}  // namespace sluice::deliver
