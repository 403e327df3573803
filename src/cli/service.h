// All of a running Sluice, put together from its configuration.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "admin/server.h"
#include "auth/signer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/actions.h"
#include "config/config.h"
#include "deliver/pipeline_admission.h"
#include "deliver/target_gate.h"
#include "deliver/verdict_rules.h"
#include "kafka/confirmed_writer.h"
#include "pipeline/memory_plan.h"
#include "pipeline/worker.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::cli {

class Service {
 public:
  // Starts every worker and the admin port, or nothing. `clock` and `log` outlive the service;
  // `seed` spreads retries.
  static Result<std::unique_ptr<Service>> start(config::Config config, const Clock& clock,
                                                telemetry::Log& log, std::uint64_t seed);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Begins to stop, within the configuration's shutdown_timeout.
  void stop();
  bool stopped() const;

  const telemetry::StatusBoard& status() const { return status_; }
  const telemetry::Metrics& metrics() const { return metrics_; }
  std::uint16_t admin_port() const { return admin_->port(); }

 private:
  struct TargetParts {
    std::unique_ptr<auth::Signer> signer;
    std::unique_ptr<deliver::TargetGate> gate;
    std::size_t pipelines = 0;  // that were made
  };
  struct PipelineParts {
    std::unique_ptr<deliver::VerdictRules> rules;
    deliver::AdmissionParts admission;
  };

  Service(config::Config config, const Clock& clock, telemetry::Log& log, std::uint64_t seed);
  std::size_t threads_needed() const;
  void register_workers();
  Result<void> start_admin();
  Result<void> make_targets();
  Result<void> make_writer(const pipeline::MemoryPlan& plan);
  Result<void> start_workers(const pipeline::MemoryPlan& plan);
  // make_worker() is for the pipeline that was made last.
  Result<void> make_pipeline(const config::Pipeline& pipeline, const pipeline::MemoryPlan& plan,
                             std::size_t share);
  Result<void> make_worker(pipeline::WorkerOptions options);
  std::unique_ptr<deliver::TargetGate> make_gate(const config::Target& target);
  admin::ActionPort action_port() const;
  kafka::ClientOptions client_options() const;
  std::vector<std::string> dead_letter_topics() const;

  const config::Config config_;
  const Clock& clock_;
  telemetry::Log& log_;
  SeededRandom seeds_;
  telemetry::Metrics metrics_;
  telemetry::StatusBoard status_;
  std::map<std::string, TargetParts> targets_;
  std::vector<PipelineParts> pipelines_;
  std::unique_ptr<kafka::ConfirmedWriter> writer_;
  std::vector<std::unique_ptr<pipeline::Worker>> workers_;
  std::map<std::string, Actions::Pipeline> actors_;  // by pipeline, while they are made
  std::unique_ptr<Actions> actions_;
  std::atomic<const Actions*> acting_ = nullptr;  // as soon as all workers are there
  std::unique_ptr<admin::Server> admin_;
};

}  // namespace sluice::cli
