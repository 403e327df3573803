#include "deliver/attempt_log.h"

#include <vector>

#include "deliver/part_fields.h"
#include "deliver/request_id.h"
#include "deliver/trace_context.h"

namespace sluice::deliver {

void AttemptLog::note(const Delivery& delivery, std::size_t bytes, const Reply& reply) {
  const Judgement& judgement = reply.judgement;
  const http::Answer* answer = reply.answer();
  metrics_.request_finished(answer != nullptr ? answer->status : 0, judgement.verdict,
                            reply.completion.elapsed, bytes);
  if (judgement.verdict == Verdict::delivered && judgement.records.empty()) return;
  last_error_ = judgement.words();
  last_error_at_ = clock_.wall_now();
  const auto part = *delivery.part();
  failures_.add({.time = *last_error_at_,
                 .pipeline = pipeline_,
                 .topic = delivery.partition.topic,
                 .partition = delivery.partition.partition,
                 .first_offset = delivery.batch->entry(part.first).offset,
                 .last_offset = delivery.batch->entry(part.last - 1).offset,
                 .batch_id = delivery.batch_id(),
                 .verdict = judgement.verdict,
                 .status = answer != nullptr ? answer->status : 0,
                 .detail = last_error_});
  std::vector<telemetry::Field> fields = part_fields(pipeline_, delivery);
  fields.emplace_back("verdict", to_string(judgement.verdict));
  fields.emplace_back("detail", judgement.detail);
  if (!judgement.remedy.empty()) fields.emplace_back("remedy", judgement.remedy);
  if (!judgement.records.empty()) {
    fields.emplace_back("records_not_delivered", std::uint64_t{judgement.records.size()});
  }
  const std::string request_id =
      answer != nullptr ? request_id_of(*answer, delivery.secrets.all()) : std::string();
  if (!request_id.empty()) fields.emplace_back("request_id", request_id);
  if (const auto trace = trace_of(*delivery.batch, part)) {
    fields.emplace_back("trace_id", trace->trace_id());
  }
  log_.write(telemetry::Level::warn, telemetry::Event::request_failed, fields);
}

}  // namespace sluice::deliver
