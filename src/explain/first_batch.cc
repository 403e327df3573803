#include "explain/first_batch.h"

#include <utility>

#include "pipeline/options_of.h"

namespace sluice::explain {

FirstBatch::FirstBatch(const TopicPartition& of, const config::Pipeline& pipeline,
                       const config::Target& target, std::unique_ptr<codec::Schema> schema,
                       batch::BatchPool& pool, Instant now)
    : codec_(pipeline.max_record_bytes, pipeline::null_policy_of(pipeline), std::move(schema)),
      router_(pipeline::router_of(pipeline, target)),
      pool_(pool),
      strands_(of, pipeline::strands_options_of(pipeline, target), codec_, router_, pool),
      now_(now) {}

bool FirstBatch::add(const RecordView& record) {
  const bool first = added_ == 0;
  bytes_ += record.value ? record.value->size() : 0;
  auto added = strands_.add(record, added_++, now_);
  if (first && !std::holds_alternative<batch::Added>(added)) {
    if (auto* rejection = std::get_if<codec::Rejection>(&added)) {
      taken_ = std::move(*rejection);
    } else {
      taken_ = codec::Skipped{};
    }
    return false;
  }
  take_ready();
  const auto* batch = std::get_if<std::unique_ptr<batch::Batch>>(&taken_);
  return *batch == nullptr && added_ < kMostRecords && bytes_ < kMostBytes;
}

FirstBatch::Taken FirstBatch::take() {
  const auto* batch = std::get_if<std::unique_ptr<batch::Batch>>(&taken_);
  if (batch != nullptr && *batch == nullptr) {
    strands_.close_due(Instant::max());
    take_ready();
  }
  return std::move(taken_);
}

// Those of other strands, and those that follow, are nobody's.
void FirstBatch::take_ready() {
  while (auto batch = strands_.take_next()) {
    strands_.finished(*batch);
    if (batch->entry(0).ticket == 0) {
      taken_ = std::move(batch);
      return;
    }
    pool_.give_back(std::move(batch));
  }
}

}  // namespace sluice::explain
