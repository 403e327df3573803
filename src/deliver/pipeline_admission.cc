#include "deliver/pipeline_admission.h"

#include <utility>

namespace sluice::deliver {

PipelineAdmission::PipelineAdmission(const AdmissionParts& parts, std::function<void()> wake)
    : gate_(parts.gate), member_(gate_.join(parts.pipeline, std::move(wake))) {}

PipelineAdmission::~PipelineAdmission() { gate_.leave(member_); }

void PipelineAdmission::set_partitions(std::size_t held, std::size_t of_all, Instant now) {
  gate_.set_partitions(member_, held, of_all, now);
}

tl::expected<Pass, Admission::Closed> PipelineAdmission::ask(LaneId lane, RequestSize size,
                                                             Instant now) {
  return gate_.ask(member_, lane, size, now);
}

RequestSize PipelineAdmission::largest() const { return gate_.largest(member_); }

void PipelineAdmission::answered(const Pass& pass, const Judgement& judgement, Blame blame,
                                 const http::Answer* answer, Instant sent_at, Instant now) {
  gate_.answered(pass, judgement, blame, answer, sent_at, now);
}

void PipelineAdmission::cancelled(const Pass& pass) { gate_.cancelled(pass); }

void PipelineAdmission::forget(LaneId lane) { gate_.forget(member_, lane); }

bool PipelineAdmission::delivered_after(Instant when) const {
  return gate_.delivered_after(member_, when);
}

void PipelineAdmission::gave_up() { gate_.gave_up(member_); }

void PipelineAdmission::judged(std::size_t taken, std::size_t refused, Instant /*now*/) {
  gate_.judged(member_, taken, refused);
}

}  // namespace sluice::deliver
