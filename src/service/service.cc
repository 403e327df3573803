#include "service/service.h"

#include <algorithm>
#include <utility>

#include "base/version.h"
#include "credentials/bearer.h"
#include "service/service_parts.h"

namespace sluice::service {

telemetry::Level level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::debug:
      return telemetry::Level::debug;
    case config::LogLevel::info:
      return telemetry::Level::info;
    case config::LogLevel::warn:
      return telemetry::Level::warn;
    case config::LogLevel::error:
      return telemetry::Level::error;
  }
  return telemetry::Level::info;
}

Service::Service(const Clock& clock, telemetry::Log& log, std::uint64_t seed, Reload reload)
    : clock_(clock),
      log_(log),
      kafka_log_(std::make_shared<KafkaLog>(log)),
      seeds_(seed),
      reload_(std::move(reload)),
      status_(clock),
      metrics_(kVersion),
      actions_({[this](const std::string& pipeline) { return find(pipeline); },
                [this](const std::string& target) { return find_target(target); },
                [this](const std::string& pipeline, pipeline::PauseWish wish) {
                  return keep_pause(pipeline, wish);
                }},
               log) {
  metrics_.count_lines_of(log);
  metrics_.watch_beats_of(status_);
}

Service::~Service() {
  admin_.reset();  // it reads what goes next
}

Result<std::unique_ptr<Service>> Service::start(config::Config config, const Clock& clock,
                                                telemetry::Log& log, std::uint64_t seed,
                                                Reload reload) {
  std::unique_ptr<Service> service(new Service(clock, log, seed, std::move(reload)));
  if (auto done = service->begin(std::move(config)); !done) return tl::unexpected(done.error());
  return service;
}

Result<void> Service::begin(config::Config config) {
  setup_.config.admin = config.admin;              // whom it knows before all is there
  for (const auto& pipeline : config.pipelines) {  // before anybody can ask whether they are ready
    for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
      status_.add(pipeline.name, pipeline.group, pipeline.target, number);
    }
  }
  for (const auto& warning : kafka::library_warnings(client_options(config))) {
    log_.write(telemetry::Level::warn, telemetry::Event::configuration_warning,
               {{"detail", warning}});
  }
  if (auto done = change(setup_of(std::move(config), setup_)); !done)
    return tl::unexpected(done.error());
  log_.set_level(level_of(setup_.config.log.level));
  return {};
}

// At the least: librdkafka starts another for each broker that it comes to know.
std::size_t Service::threads_needed(const Setup& next, const ReloadPlan& plan) const {
  const std::size_t client = kafka::threads_of_client(client_options(next.config));
  std::size_t needed = admin_ == nullptr ? admin::Server::kThreads : 0;
  for (const auto& pipeline : next.config.pipelines) {
    if (!plan.pipelines_anew.contains(pipeline.name)) continue;
    needed += pipeline.workers * (pipeline::Worker::kThreads + client);
  }
  for (const std::string& name : plan.targets_anew) {
    const bool tokens = credentials::oauth2_in(next.config.targets.at(name).auth) != nullptr;
    if (tokens) needed += TokenKeeper::kThreads;
  }
  const bool writes = writer_ == nullptr && largest_dead_letter(next.config) > 0;
  return writes ? needed + client + kafka::ConfirmedWriter::kThreads : needed;
}

Result<std::unique_ptr<admin::Server>> Service::make_admin(const config::Admin& admin) {
  auto server =
      admin::Server::start(admin.host, admin.port, clock_, metrics_, status_, action_port());
  if (!server) return server;
  log_.write(telemetry::Level::info, telemetry::Event::admin_listening,
             {{"host", admin.host}, {"port", std::int32_t{(*server)->port()}}});
  return server;
}

admin::ActionPort Service::action_port() {
  admin::ActionPort port;
  port.token = [this] {
    const std::lock_guard lock(mutex_);
    const auto& token = setup_.config.admin.token;
    return token ? std::string(token->reveal()) : std::string();
  };
  port.perform = [this](const admin::ActionRequest& request) {
    if (!started_) return admin::ActionReply{503, "still starting; try again"};
    if (restarts(request.pipeline)) return admin::ActionReply{503, "just starts anew; try again"};
    return actions_.perform(request);
  };
  if (reload_) {
    port.reload = [this] {
      admin::ActionReply reply = reload_();
      if (reply.status == 200) log_reload(log_, reply.text);
      return reply;
    };
  }
  port.refused = [this](const admin::ActionRequest& request, const admin::ActionReply& reply) {
    log_refused(log_, request, reply);
  };
  return port;
}

bool Service::restarts(const std::string& pipeline) const {
  const std::lock_guard lock(mutex_);
  return !runs_.contains(pipeline) &&
         std::any_of(leaving_.begin(), leaving_.end(),
                     [&](const auto& run) { return run->name() == pipeline; });
}

std::shared_ptr<PipelineRun> Service::find(const std::string& pipeline) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pipeline);
  return found == runs_.end() ? nullptr : found->second;
}

std::shared_ptr<TargetRun> Service::find_target(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(target);
  return found == targets_.end() ? nullptr : found->second;
}

std::shared_ptr<PipelineRun> Service::keep_pause(const std::string& pipeline,
                                                 pipeline::PauseWish wish) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pipeline);
  if (found == runs_.end()) return nullptr;
  pauses_[pipeline] = wish;
  return found->second;
}

std::uint16_t Service::admin_port() const {
  const std::lock_guard lock(mutex_);
  return admin_->port();
}

Duration Service::shutdown_timeout() const {
  const std::lock_guard lock(mutex_);
  return setup_.config.shutdown_timeout;
}

void Service::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& [name, run] : runs_) run->stop(setup_.config.shutdown_timeout);
  stop_asked_.notify_all();
}

bool Service::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool Service::stopped() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run.second->stopped(); }) &&
         std::all_of(leaving_.begin(), leaving_.end(),
                     [](const auto& run) { return run->stopped(); });
}

}  // namespace sluice::service
