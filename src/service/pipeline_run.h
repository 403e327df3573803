// One pipeline as it runs: its workers, and what they share.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "deliver/pipeline_admission.h"
#include "deliver/verdict_rules.h"
#include "kafka/confirmed_writer.h"
#include "kafka/options.h"
#include "pipeline/worker.h"
#include "service/surroundings.h"
#include "service/target_run.h"

namespace sluice::service {

struct PipelineRunOptions {
  config::Pipeline pipeline;
  config::Target target;
  kafka::ConsumerOptions consumer;  // but for the instance id
  std::optional<std::string> instance_id = {};
  std::size_t memory_share = 0;  // of each worker, as is the next
  std::size_t dead_letter_window = 0;
};

// Thread-safe once it is made. Its surroundings outlive it.
class PipelineRun {
 public:
  // Starts nothing yet. `writer`: null where no pipeline has dead letters.
  static Result<std::shared_ptr<PipelineRun>> make(const PipelineRunOptions& options,
                                                   std::shared_ptr<TargetRun> target,
                                                   std::shared_ptr<kafka::ConfirmedWriter> writer,
                                                   SeededRandom& seeds, const Surroundings& around);
  // If it was started: after stop() and stopped() only.
  ~PipelineRun();
  PipelineRun(const PipelineRun&) = delete;
  PipelineRun& operator=(const PipelineRun&) = delete;

  // Once; its workers are on the status board by then.
  void start();
  // Begins to stop within about `timeout`.
  void stop(Duration timeout);
  bool stopped() const;
  // Also before it starts.
  void set_pause(pipeline::PauseWish wish);

  const std::string& name() const { return name_; }
  const std::vector<std::unique_ptr<pipeline::Worker>>& workers() const { return workers_; }
  // Lets requests through that a breaker or the refusal guard holds; how many held some.
  std::size_t open_gates();

 private:
  PipelineRun(const PipelineRunOptions& options, std::shared_ptr<TargetRun> target,
              std::shared_ptr<kafka::ConfirmedWriter> writer, const Surroundings& around);
  Result<void> make_worker(const pipeline::WorkerOptions& options);

  const std::string name_;
  const Surroundings around_;
  const std::shared_ptr<TargetRun> target_;
  const deliver::VerdictRules rules_;
  const deliver::AdmissionParts admission_;
  const std::shared_ptr<kafka::ConfirmedWriter> writer_;
  std::vector<std::unique_ptr<pipeline::Worker>> workers_;
};

}  // namespace sluice::service
