// All of a running Sluice, put together from its configuration.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/server.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "kafka/confirmed_writer.h"
#include "service/actions.h"
#include "service/kafka_log.h"
#include "service/pipeline_run.h"
#include "service/reload_plan.h"
#include "service/surroundings.h"
#include "service/target_run.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::service {

telemetry::Level level_of(config::LogLevel level);

// apply() is for one thread at a time; all else is thread-safe.
class Service {
 public:
  // What POST /-/reload does.
  using Reload = std::function<admin::ActionReply()>;

  // Starts every worker and the admin port, or nothing. `clock` and `log` outlive the service;
  // `seed` spreads retries; without `reload` there is none.
  static Result<std::unique_ptr<Service>> start(config::Config config, const Clock& clock,
                                                telemetry::Log& log, std::uint64_t seed,
                                                Reload reload = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Changes to another configuration: makes all that is new of it first, and where that fails
  // changes nothing. What is the same goes on untouched. Returns what was done, in a line for
  // people. Blocks while pipelines stop, at most for about shutdown_timeout, and before
  // where another `kafka` is tried: see try_kafka_login().
  Result<std::string> apply(config::Config next);
  // The same for secrets and TLS files of targets only: whatever else differs in `next` stays as it
  // is. Empty: there was nothing to do.
  Result<std::string> apply_secrets(const config::Config& next);

  // Begins to stop, within the configuration's shutdown_timeout.
  void stop();
  bool stopping() const;
  bool stopped() const;

  const telemetry::StatusBoard& status() const { return status_; }
  const telemetry::Metrics& metrics() const { return metrics_; }
  // For the metrics: the configuration or a secret was read again, and taken over or refused.
  void note_reload(bool done) { metrics_.reloaded(done); }
  std::uint16_t admin_port() const;
  Duration shutdown_timeout() const;
  // Frees what a change left behind, once nobody uses it any more. By apply()'s thread, now and
  // then.
  void tidy();

 private:
  using Runs = std::map<std::string, std::shared_ptr<PipelineRun>>;
  using Targets = std::map<std::string, std::shared_ptr<TargetRun>>;
  // What a change is made with, before anything is changed.
  struct Parts;

  Service(const Clock& clock, telemetry::Log& log, std::uint64_t seed, Reload reload);
  Surroundings around() { return {clock_, log_, metrics_, status_}; }

  // service.cc
  Result<void> begin(config::Config config);
  std::size_t threads_needed(const Setup& next, const ReloadPlan& plan) const;
  Result<std::unique_ptr<admin::Server>> make_admin(const config::Admin& admin);
  admin::ActionPort action_port();
  bool restarts(const std::string& pipeline) const;
  std::shared_ptr<PipelineRun> find(const std::string& pipeline) const;
  std::shared_ptr<TargetRun> find_target(const std::string& target) const;
  std::shared_ptr<PipelineRun> keep_pause(const std::string& pipeline, pipeline::PauseWish wish);

  // service_parts.cc: making what is new
  Result<Parts> make_parts(const Setup& next, const ReloadPlan& plan);
  Result<void> make_targets(const Setup& next, const ReloadPlan& plan, Parts& parts);
  Result<void> make_writer(const Setup& next, Parts& parts);
  Result<void> make_run(const Setup& next, std::size_t place, Parts& parts);
  kafka::ClientOptions client_options(const config::Config& config) const;

  // service_reload.cc: changing over to it
  Result<std::string> change(Setup next);
  bool stop_runs(const ReloadPlan& plan);
  void change_over(Setup next, const ReloadPlan& plan, Parts parts);
  void close_metrics(const ReloadPlan& plan, const Targets& next);
  void renew_targets(const Setup& next, Parts& parts);
  void start_run(const config::Pipeline& pipeline, const std::shared_ptr<PipelineRun>& run);

  const Clock& clock_;
  telemetry::Log& log_;
  const std::shared_ptr<KafkaLog> kafka_log_;
  SeededRandom seeds_;
  const Reload reload_;
  telemetry::StatusBoard status_;
  telemetry::Metrics metrics_;  // which reads it
  const Actions actions_;
  std::atomic<bool> started_ = false;

  mutable std::mutex mutex_;  // guards what follows, but for reading by apply()'s thread
  Setup setup_;
  Targets targets_;
  std::shared_ptr<kafka::ConfirmedWriter> writer_;
  Runs runs_;
  std::vector<std::shared_ptr<PipelineRun>> leaving_;
  std::map<std::string, pipeline::PauseWish> pauses_;  // by pipeline: what an operator asked for
  bool stopping_ = false;
  std::condition_variable stop_asked_;

  std::unique_ptr<admin::Server> admin_;
  std::unique_ptr<admin::Server> former_admin_;  // it may be answering who asked for the change
};

}  // namespace sluice::service
