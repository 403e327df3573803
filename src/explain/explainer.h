// What `sluice explain` finds out, of a pipeline and perhaps of one record.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/result.h"
#include "batch/batch_pool.h"
#include "batch/memory_meter.h"
#include "config/config.h"
#include "explain/explanation.h"
#include "explain/first_batch.h"
#include "explain/rehearsal.h"
#include "explain/signers.h"

namespace sluice::explain {

// Goes the way of a record with the parts of a run (Strands, Deliverer, Signer, VerdictRules) and
// sends nothing. For one thread and one record.
class Explainer {
 public:
  // `of` is the record's partition. What is passed by reference outlives it. An error is one of the
  // configuration: a schema or credential that cannot be used.
  static Result<std::unique_ptr<Explainer>> make(const config::Config& config,
                                                 const config::Pipeline& pipeline,
                                                 const TopicPartition& of, const Clock& clock);
  ~Explainer();
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;

  // As FirstBatch's.
  bool add(const RecordView& record);
  // To be called once. Without a record: of the pipeline alone.
  Explanation explain();

 private:
  Explainer(const config::Config& config, const config::Pipeline& pipeline,
            const TopicPartition& of, const Clock& clock);
  RehearsalParts parts(const Signers& signers);
  std::optional<ShownRequest> request_of_any();
  void explain_record(Explanation& out);
  void explain_batch(std::unique_ptr<batch::Batch> batch, Explanation& out);

  const config::Pipeline& pipeline_;
  const config::Target& target_;
  const TopicPartition of_;
  const Clock& clock_;
  std::vector<config::Pipeline> users_;
  batch::MemoryMeter memory_;
  batch::BatchPool pool_;
  NotedSigner::Notes notes_;
  Signers signers_;
  std::optional<FirstBatch> first_batch_;
  std::optional<ShownRecord> record_;
};

}  // namespace sluice::explain
