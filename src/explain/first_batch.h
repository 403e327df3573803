// The batch that begins with a record, made by what makes a run's batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "base/clock.h"
#include "base/record.h"
#include "batch/batch_pool.h"
#include "batch/strands.h"
#include "codec/record_codec.h"
#include "codec/router.h"
#include "config/config.h"

namespace sluice::explain {

// All of its records count as arrived at once, as when a backlog is read. For one thread.
class FirstBatch {
 public:
  // What is looked at before the batch counts as closed: where records are grouped it may never
  // fill, and those of other groups are held beside it.
  static constexpr std::uint64_t kMostRecords = 100'000;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  using Taken = std::variant<std::unique_ptr<batch::Batch>, codec::Rejection, codec::Skipped>;

  // `schema` may be null; `pool` outlives it.
  FirstBatch(const TopicPartition& of, const config::Pipeline& pipeline,
             const config::Target& target, std::unique_ptr<codec::Schema> schema,
             batch::BatchPool& pool, Instant now);

  // The record that is asked about, then those behind it. False: the batch is as it would be, and
  // no more are needed.
  bool add(const RecordView& record);
  // To be called once, after the first record: the batch as far as it got, or why the record is in
  // none.
  Taken take();

 private:
  void take_ready();

  codec::RecordCodec codec_;
  codec::Router router_;
  batch::BatchPool& pool_;
  batch::Strands strands_;
  const Instant now_;
  std::uint64_t added_ = 0;
  std::size_t bytes_ = 0;
  Taken taken_;
};

}  // namespace sluice::explain
