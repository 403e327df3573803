#include "cli/service.h"

#include <algorithm>
#include <utility>

#include "base/version.h"
#include "codec/schema.h"

namespace sluice::cli {
namespace {

constexpr std::size_t kSmallestPrefetch = config::kMiB;
constexpr std::size_t kLargestDeadLetterQueue = 32 * config::kMiB;

telemetry::Level level_of(int syslog_level) {
  if (syslog_level <= 3) return telemetry::Level::error;
  if (syslog_level <= 4) return telemetry::Level::warn;
  return syslog_level <= 6 ? telemetry::Level::info : telemetry::Level::debug;
}

kafka::ClientOptions client_options_of(const config::Config& config) {
  kafka::ClientOptions options;
  options.brokers = config.kafka.brokers;
  for (const auto& [name, value] : config.kafka.properties) {
    options.properties[name] = std::string(value.reveal());
  }
  return options;
}

}  // namespace

std::vector<Error> check(const config::Config& config) {
  std::vector<Error> problems;
  if (auto taken = kafka::check_properties(client_options_of(config)); !taken) {
    problems.push_back(taken.error());
  }
  for (const auto& pipeline : config.pipelines) {
    if (!pipeline.schema) continue;
    if (auto loaded = codec::Schema::load(*pipeline.schema); !loaded) {
      problems.push_back({"pipelines." + pipeline.name + ".schema: " + loaded.error().cause,
                          loaded.error().remedy});
    }
  }
  return problems;
}

MemoryPlan plan_memory(const config::Config& config, std::size_t preferred_prefetch) {
  std::size_t consumers = 0;
  for (const auto& pipeline : config.pipelines) consumers += pipeline.workers;
  MemoryPlan plan;
  plan.prefetch_each = std::max(kSmallestPrefetch,
                                std::min(preferred_prefetch, config.memory_budget / 2 / consumers));
  plan.dead_letter_queue = std::min(kLargestDeadLetterQueue, config.memory_budget / 8);
  plan.dead_letter_window = plan.dead_letter_queue / consumers;
  const std::size_t taken = plan.prefetch_each * consumers + plan.dead_letter_queue;
  const std::size_t rest = config.memory_budget > taken ? config.memory_budget - taken : 0;
  for (const auto& pipeline : config.pipelines) {
    plan.worker_share.push_back(rest / config.pipelines.size() / pipeline.workers);
  }
  return plan;
}

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
  const MemoryPlan plan = plan_memory(service->config_, kafka::preferred_prefetch_bytes());
  service->register_workers();  // before anybody can ask whether they are ready
  if (auto done = service->start_admin(); !done) return tl::unexpected(done.error());
  if (auto done = service->make_targets(); !done) return tl::unexpected(done.error());
  if (auto done = service->make_writer(plan); !done) return tl::unexpected(done.error());
  if (auto done = service->start_workers(plan); !done) return tl::unexpected(done.error());
  return service;
}

void Service::register_workers() {
  for (const auto& pipeline : config_.pipelines) {
    for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
      status_.add(pipeline.name, pipeline.group, pipeline.target, number);
    }
  }
}

Result<void> Service::start_admin() {
  auto server = admin::Server::start(config_.admin.host, config_.admin.port, metrics_, status_);
  if (!server) return tl::unexpected(server.error());
  admin_ = std::move(*server);
  log_.write(telemetry::Level::info, telemetry::Event::admin_listening,
             {{"host", config_.admin.host}, {"port", std::int32_t{admin_->port()}}});
  return {};
}

Result<void> Service::make_targets() {
  for (const auto& [name, target] : config_.targets) {
    auto signer = auth::make_signer(target.auth);
    if (!signer) {
      return fail("targets." + name + ".auth: " + signer.error().cause, signer.error().remedy);
    }
    // A request to slow down that names no time: as long as a retry would wait, growing.
    const deliver::Gate::Limits limits{target.circuit_breaker,
                                       {std::chrono::seconds(1), std::chrono::minutes(1), 2},
                                       target.rate_limit};
    targets_[name] = {std::move(*signer), make_gate(deliver::Gate::Scope::target, name, limits)};
  }
  return {};
}

Result<void> Service::make_writer(const MemoryPlan& plan) {
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

Result<void> Service::start_workers(const MemoryPlan& plan) {
  for (const auto& warning : kafka::library_warnings(client_options())) {
    log_.write(telemetry::Level::warn, telemetry::Event::configuration_warning,
               {{"detail", warning}});
  }
  for (std::size_t i = 0; i < config_.pipelines.size(); ++i) {
    const auto& pipeline = config_.pipelines[i];
    if (auto done = start_pipeline(pipeline, plan, plan.worker_share[i]); !done) {
      return fail("pipelines." + pipeline.name + ": " + done.error().cause, done.error().remedy);
    }
  }
  return {};
}

Result<void> Service::start_pipeline(const config::Pipeline& pipeline, const MemoryPlan& plan,
                                     std::size_t share) {
  if (share < pipeline.batch.max_bytes) {
    log_.write(telemetry::Level::warn, telemetry::Event::memory_tight,
               {{"pipeline", pipeline.name},
                {"share_bytes", std::uint64_t{share}},
                {"remedy", "raise memory.budget, or lower batch.max_bytes or workers"}});
  }
  const config::Target& target = config_.targets.at(pipeline.target);
  TargetParts& shared = targets_.at(pipeline.target);
  const deliver::Gate::Limits limits{
      target.circuit_breaker,
      {pipeline.retry.initial, pipeline.retry.max, pipeline.retry.multiplier}};
  pipelines_.push_back({std::make_unique<deliver::VerdictRules>(pipeline.success, pipeline.expect),
                        make_gate(deliver::Gate::Scope::path, pipeline.name, limits)});
  for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
    pipeline::WorkerOptions options;
    options.pipeline = pipeline;
    options.target = target;
    options.consumer.client = client_options();
    options.consumer.group = pipeline.group;
    options.consumer.prefetch_bytes = plan.prefetch_each;
    if (config_.instance_id) {
      options.consumer.instance_id =
          *config_.instance_id + "-" + pipeline.name + "-" + std::to_string(number);
    }
    options.number = number;
    options.memory_share = share;
    options.dead_letter_window = plan.dead_letter_window;
    options.seed = seeds_.next_bits();
    const pipeline::WorkerParts parts{clock_,
                                      writer_.get(),
                                      *shared.signer,
                                      *pipelines_.back().rules,
                                      *shared.gate,
                                      *pipelines_.back().path_gate,
                                      metrics_.pipeline(pipeline.name, pipeline.target),
                                      status_,
                                      log_};
    auto worker = pipeline::Worker::start(options, parts);
    if (!worker) return tl::unexpected(worker.error());
    workers_.push_back(std::move(*worker));
  }
  log_.write(telemetry::Level::info, telemetry::Event::pipeline_started,
             {{"pipeline", pipeline.name},
              {"group", pipeline.group},
              {"target", pipeline.target},
              {"workers", pipeline.workers}});
  return {};
}

std::unique_ptr<deliver::Gate> Service::make_gate(deliver::Gate::Scope scope,
                                                  const std::string& name,
                                                  const deliver::Gate::Limits& limits) {
  return std::make_unique<deliver::Gate>(scope, name, limits, seeds_.next_bits(), clock_.now(),
                                         log_);
}

kafka::ClientOptions Service::client_options() const {
  kafka::ClientOptions options = client_options_of(config_);
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
