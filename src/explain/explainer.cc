#include "explain/explainer.h"

#include <algorithm>
#include <utility>

#include "codec/schema.h"
#include "codec/tenant.h"
#include "pipeline/options_of.h"

namespace sluice::explain {
namespace {

constexpr std::size_t kIdleBytes = 1 << 20;

ShownRecord shown(const RecordView& record, const TopicPartition& of) {
  ShownRecord made;
  made.of = of;
  made.offset = record.offset;
  made.timestamp_ms = record.timestamp_ms;
  if (record.key) made.key = std::string(*record.key);
  if (record.value) made.bytes = record.value->size();
  for (const auto& [name, value] : record.headers) {
    made.headers.push_back(
        {std::string(name), value ? std::optional<std::string>(*value) : std::nullopt});
  }
  return made;
}

Judged left_out(const config::Pipeline& pipeline, std::optional<DeadLetterReason> reason,
                std::string detail) {
  if (!reason) return {Fate::dropped, std::nullopt, std::move(detail)};
  const Fate fate = pipeline.dead_letter ? Fate::dead_lettered : Fate::stands_still;
  return {fate, reason, std::move(detail)};
}

}  // namespace

Explainer::Explainer(const config::Config& config, const config::Pipeline& pipeline,
                     const TopicPartition& of, const Clock& clock)
    : pipeline_(pipeline),
      target_(config.targets.at(pipeline.target)),
      of_(of),
      clock_(clock),
      pool_(pipeline::body_format_of(pipeline), memory_, kIdleBytes) {
  std::copy_if(config.pipelines.begin(), config.pipelines.end(), std::back_inserter(users_),
               [&](const auto& user) { return user.target == pipeline.target; });
}

Explainer::~Explainer() = default;

Result<std::unique_ptr<Explainer>> Explainer::make(const config::Config& config,
                                                   const config::Pipeline& pipeline,
                                                   const TopicPartition& of, const Clock& clock) {
  std::unique_ptr<codec::Schema> schema;
  if (pipeline.schema) {
    auto loaded = codec::Schema::load(*pipeline.schema);
    if (!loaded) {
      return fail("pipelines." + pipeline.name + ".schema: " + loaded.error().cause,
                  loaded.error().remedy);
    }
    schema = std::move(*loaded);
  }
  std::unique_ptr<Explainer> made(new Explainer(config, pipeline, of, clock));
  auto signers = signers_of(made->target_, made->notes_);
  if (!signers) return tl::unexpected(signers.error());
  made->signers_ = std::move(*signers);
  made->first_batch_.emplace(of, pipeline, made->target_, std::move(schema), made->pool_,
                             clock.now());
  return made;
}

RehearsalParts Explainer::parts(const Signers& signers) {
  return {pipeline_, target_, users_, signers, notes_, clock_, memory_, pool_};
}

bool Explainer::add(const RecordView& record) {
  if (!record_) record_ = shown(record, of_);
  return first_batch_->add(record);
}

Explanation Explainer::explain() {
  Explanation made;
  made.pipeline = &pipeline_;
  made.target = &target_;
  made.largest = largest_request(parts(signers_));
  if (record_) {
    explain_record(made);
  } else {
    made.request = request_of_any();
  }
  return made;
}

// Of a record that stands for all others: what differs from one to the next is as it stands in the
// file.
std::optional<ShownRequest> Explainer::request_of_any() {
  auto batch = pool_.take();
  batch->body().append("{}");
  batch->keep({}, 0);
  batch->route.path = pipeline_.path;
  for (const auto& header : target_.headers) batch->route.headers.push_back(header.value);
  Signers signers = signers_;
  std::optional<std::string> example_of;
  if (!signers.of_all) {
    example_of = signers.tenants.begin()->first;
    signers.of_all = signers.tenants.begin()->second;
  }
  auto request = rehearse(parts(signers), of_, std::move(batch)).request;
  if (!request) return std::nullopt;
  for (ShownHeader& header : request->headers) {
    if (header.value == request->batch_id) header.value = "(of the batch)";
  }
  request->batch_id.clear();
  request->body.clear();
  request->records = 0;
  request->bytes = 0;
  request->example_of = std::move(example_of);
  return request;
}

void Explainer::explain_record(Explanation& out) {
  auto taken = first_batch_->take();
  if (auto* rejection = std::get_if<codec::Rejection>(&taken)) {
    record_->judged = left_out(pipeline_, rejection->reason, std::move(rejection->detail));
  } else if (std::holds_alternative<codec::Skipped>(taken)) {
    record_->judged = left_out(pipeline_, std::nullopt, "null_values: skip");
  } else {
    explain_batch(std::move(std::get<std::unique_ptr<batch::Batch>>(taken)), out);
  }
  out.record = std::move(record_);
}

void Explainer::explain_batch(std::unique_ptr<batch::Batch> batch, Explanation& out) {
  ShownBatch shown_batch;
  shown_batch.closed_by = batch->closed_by;
  shown_batch.records = batch->size();
  shown_batch.bytes = batch->body().size();
  shown_batch.first_offset = batch->entry(0).offset;
  shown_batch.last_offset = batch->entry(batch->size() - 1).offset;
  shown_batch.grouped_by = batch->route.group;
  if (target_.tenants) {
    shown_batch.tenant = codec::tenant_of(batch->route, target_.tenants->by.size());
  }
  auto rehearsed = rehearse(parts(signers_), of_, std::move(batch));
  out.batch = std::move(shown_batch);
  if (!rehearsed.stands.empty()) {
    record_->judged = {Fate::stands_still, std::nullopt, std::move(rehearsed.stands)};
  }
  for (LeftOut& lost : rehearsed.left_out) {
    if (lost.offset != record_->offset) continue;
    record_->judged = left_out(pipeline_, lost.reason, std::move(lost.detail));
  }
  if (record_->judged.fate == Fate::sent) out.request = std::move(rehearsed.request);
}

}  // namespace sluice::explain
