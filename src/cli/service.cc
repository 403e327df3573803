#include "cli/service.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/threads.h"
#include "base/version.h"
#include "pipeline/options_of.h"

namespace sluice::cli {
namespace {

telemetry::Level level_of(int syslog_level) {
  if (syslog_level <= 3) return telemetry::Level::error;
  if (syslog_level <= 4) return telemetry::Level::warn;
  return syslog_level <= 6 ? telemetry::Level::info : telemetry::Level::debug;
}

}  // namespace

Service::Service(config::Config config, const Clock& clock, telemetry::Log& log, std::uint64_t seed)
    : config_(std::move(config)),
      clock_(clock),
      log_(log),
      seeds_(seed),
      metrics_(kVersion),
      status_(clock) {}

Service::~Service() {
  admin_.reset();  // it reads what goes next
}

Result<std::unique_ptr<Service>> Service::start(config::Config config, const Clock& clock,
                                                telemetry::Log& log, std::uint64_t seed) {
  std::unique_ptr<Service> service(new Service(std::move(config), clock, log, seed));
  const pipeline::MemoryPlan plan =
      pipeline::plan_memory(service->config_, kafka::preferred_prefetch_bytes());
  // Of all of them at once, so that nobody learns it one by one.
  const auto there = require_threads(service->threads_needed());
  if (!there) return tl::unexpected(there.error());
  service->register_workers();  // before anybody can ask whether they are ready
  if (auto done = service->start_admin(); !done) return tl::unexpected(done.error());
  if (auto done = service->make_targets(); !done) return tl::unexpected(done.error());
  if (auto done = service->make_writer(plan); !done) return tl::unexpected(done.error());
  if (auto done = service->start_workers(plan); !done) return tl::unexpected(done.error());
  return service;
}

// At the least: librdkafka starts another for each broker that it comes to know.
std::size_t Service::threads_needed() const {
  const std::size_t client = kafka::threads_of_client(client_options());
  std::size_t needed = admin::Server::kThreads;
  bool writes = false;
  for (const auto& pipeline : config_.pipelines) {
    needed += pipeline.workers * (pipeline::Worker::kThreads + client);
    writes = writes || pipeline.dead_letter.has_value();
  }
  return writes ? needed + client + kafka::ConfirmedWriter::kThreads : needed;
}

void Service::register_workers() {
  for (const auto& pipeline : config_.pipelines) {
    for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
      status_.add(pipeline.name, pipeline.group, pipeline.target, number);
    }
  }
}

Result<void> Service::start_admin() {
  auto server = admin::Server::start(config_.admin.host, config_.admin.port, metrics_, status_,
                                     action_port());
  if (!server) return tl::unexpected(server.error());
  admin_ = std::move(*server);
  log_.write(telemetry::Level::info, telemetry::Event::admin_listening,
             {{"host", config_.admin.host}, {"port", std::int32_t{admin_->port()}}});
  return {};
}

admin::ActionPort Service::action_port() const {
  admin::ActionPort port;
  if (config_.admin.token) port.token = config_.admin.token->reveal();
  port.perform = [this](const admin::ActionRequest& request) {
    const Actions* actions = acting_;
    return actions != nullptr ? actions->perform(request)
                              : admin::ActionReply{503, "still starting; try again"};
  };
  return port;
}

Result<void> Service::make_targets() {
  for (const auto& [name, target] : config_.targets) {
    auto signer = auth::make_signer(target.auth);
    if (!signer) {
      return fail("targets." + name + ".auth: " + signer.error().cause, signer.error().remedy);
    }
    TargetParts& parts = targets_[name];
    parts.signer = std::move(*signer);
    parts.gate = make_gate(target);
    status_.add_target(name, [gate = parts.gate.get()] { return gate->status(); });
  }
  return {};
}

std::unique_ptr<deliver::TargetGate> Service::make_gate(const config::Target& target) {
  std::vector<config::Pipeline> users;
  std::copy_if(config_.pipelines.begin(), config_.pipelines.end(), std::back_inserter(users),
               [&](const auto& pipeline) { return pipeline.target == target.name; });
  return std::make_unique<deliver::TargetGate>(target, users, seeds_.next_bits(), clock_,
                                               metrics_.target(target.name), log_);
}

Result<void> Service::make_writer(const pipeline::MemoryPlan& plan) {
  std::size_t largest = 0;
  for (const auto& pipeline : config_.pipelines) {
    if (pipeline.dead_letter) largest = std::max(largest, pipeline.dead_letter->max_bytes);
  }
  if (largest == 0) return {};
  auto writer = kafka::ConfirmedWriter::create({client_options(), largest, plan.dead_letter_queue});
  if (!writer) return tl::unexpected(writer.error());
  writer_ = std::move(*writer);
  return {};
}

Result<void> Service::start_workers(const pipeline::MemoryPlan& plan) {
  for (const auto& warning : kafka::library_warnings(client_options())) {
    log_.write(telemetry::Level::warn, telemetry::Event::configuration_warning,
               {{"detail", warning}});
  }
  for (std::size_t i = 0; i < config_.pipelines.size(); ++i) {
    const auto& pipeline = config_.pipelines[i];
    if (auto done = make_pipeline(pipeline, plan, plan.worker_share[i]); !done) {
      return fail("pipelines." + pipeline.name + ": " + done.error().cause, done.error().remedy);
    }
  }
  // Only now: a worker that has begun would have to be stopped when a later one cannot be made.
  for (const auto& worker : workers_) worker->start();
  actions_ = std::make_unique<Actions>(std::move(actors_), log_);
  acting_ = actions_.get();
  for (const auto& pipeline : config_.pipelines) {
    log_.write(telemetry::Level::info, telemetry::Event::pipeline_started,
               {{"pipeline", pipeline.name},
                {"group", pipeline.group},
                {"target", pipeline.target},
                {"workers", pipeline.workers}});
  }
  return {};
}

Result<void> Service::make_pipeline(const config::Pipeline& pipeline,
                                    const pipeline::MemoryPlan& plan, std::size_t share) {
  if (share < pipeline.batch.max_bytes) {
    log_.write(telemetry::Level::warn, telemetry::Event::memory_tight,
               {{"pipeline", pipeline.name},
                {"share_bytes", std::uint64_t{share}},
                {"remedy", "raise memory.budget, or lower batch.max_bytes or workers"}});
  }
  TargetParts& target = targets_.at(pipeline.target);
  const deliver::AdmissionParts admission{*target.gate, target.pipelines++};
  pipelines_.push_back(
      {std::make_unique<deliver::VerdictRules>(pipeline::verdict_rules_of(pipeline)), admission});
  actors_[pipeline.name].open_gates = [admission] {
    return admission.gate.open_now(admission.pipeline);
  };
  pipeline::WorkerOptions options;
  options.pipeline = pipeline;
  options.target = config_.targets.at(pipeline.target);
  options.consumer.client = client_options();
  options.consumer.group = pipeline.group;
  options.consumer.prefetch_bytes = plan.prefetch_each;
  options.consumer.never_matched = dead_letter_topics();
  options.memory_share = share;
  options.dead_letter_window = plan.dead_letter_window;
  for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
    options.number = number;
    if (auto done = make_worker(options); !done) return done;
  }
  return {};
}

Result<void> Service::make_worker(pipeline::WorkerOptions options) {
  const std::string& name = options.pipeline.name;
  if (config_.instance_id) {
    options.consumer.instance_id =
        *config_.instance_id + "-" + name + "-" + std::to_string(options.number);
  }
  options.seed = seeds_.next_bits();
  const TargetParts& target = targets_.at(options.target.name);
  const PipelineParts& pipeline = pipelines_.back();
  const pipeline::WorkerParts parts{clock_,
                                    writer_.get(),
                                    *target.signer,
                                    *pipeline.rules,
                                    pipeline.admission,
                                    metrics_.pipeline(name, options.target.name),
                                    status_,
                                    log_};
  auto worker = pipeline::Worker::create(options, parts);
  if (!worker) return tl::unexpected(worker.error());
  actors_[name].workers.push_back(worker->get());
  workers_.push_back(std::move(*worker));
  return {};
}

std::vector<std::string> Service::dead_letter_topics() const {
  std::vector<std::string> topics;
  for (const auto& pipeline : config_.pipelines) {
    if (pipeline.dead_letter) topics.push_back(pipeline.dead_letter->topic);
  }
  return topics;
}

kafka::ClientOptions Service::client_options() const {
  kafka::ClientOptions options = pipeline::kafka_options_of(config_);
  options.log = [log = &log_](int level, std::string_view text) {
    log->write(level_of(level), telemetry::Event::kafka_log, {{"detail", text}});
  };
  return options;
}

void Service::stop() {
  for (const auto& worker : workers_) worker->stop(config_.shutdown_timeout);
}

bool Service::stopped() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->stopped(); });
}

}  // namespace sluice::cli
