// Making what is new of a configuration.
#include "service/service_parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/threads.h"
#include "pipeline/options_of.h"

namespace sluice::service {
namespace {

std::vector<config::Pipeline> users_of(const config::Config& config, const std::string& target) {
  std::vector<config::Pipeline> users;
  std::copy_if(config.pipelines.begin(), config.pipelines.end(), std::back_inserter(users),
               [&](const auto& pipeline) { return pipeline.target == target; });
  return users;
}

Error of_target(const std::string& name, const std::string& key, const Error& error) {
  return {"targets." + name + "." + key + ": " + error.cause, error.remedy};
}

}  // namespace

Setup setup_of(config::Config config, const Setup& now) {
  std::map<std::string, std::size_t> kept;
  if (now.config.memory_budget == config.memory_budget) {
    for (std::size_t i = 0; i < now.config.pipelines.size(); ++i) {
      kept[now.config.pipelines[i].name] = now.memory.prefetch[i];
    }
  }
  const std::size_t preferred = kafka::preferred_prefetch_bytes();
  Setup setup;
  setup.memory = kept.empty() ? pipeline::plan_memory(config, preferred)
                              : pipeline::plan_memory_beside(config, preferred, kept);
  std::set<std::string> files = tls_files_of(config);
  files.merge(kafka_files_of(config));
  files.merge(schema_files_of(config));
  setup.files = mark_files(files);
  setup.config = std::move(config);
  return setup;
}

Result<Service::Parts> Service::make_parts(const Setup& next, const ReloadPlan& plan) {
  Parts parts;
  // Of all of them at once, so that nobody learns it one by one.
  if (auto there = require_threads(threads_needed(next, plan)); !there) {
    return tl::unexpected(there.error());
  }
  const config::Admin& before = setup_.config.admin;
  const config::Admin& admin = next.config.admin;
  if (!admin_ || before.host != admin.host || before.port != admin.port) {
    auto server = make_admin(admin);
    if (!server) return tl::unexpected(server.error());
    parts.admin = std::move(*server);
  }
  if (auto done = make_targets(next, plan, parts); !done) return tl::unexpected(done.error());
  if (auto done = make_writer(next, parts); !done) return tl::unexpected(done.error());
  for (std::size_t i = 0; i < next.config.pipelines.size(); ++i) {
    if (!plan.pipelines_anew.contains(next.config.pipelines[i].name)) continue;
    if (auto done = make_run(next, i, parts); !done) return tl::unexpected(done.error());
  }
  return parts;
}

Result<void> Service::make_targets(const Setup& next, const ReloadPlan& plan, Parts& parts) {
  for (const auto& [name, target] : next.config.targets) {
    if (plan.targets_anew.contains(name)) {
      auto run = TargetRun::make(target, users_of(next.config, name), targets_.contains(name),
                                 seeds_.next_bits(), around());
      if (!run) return tl::unexpected(run.error());
      parts.targets[name] = std::move(*run);
      continue;
    }
    parts.targets[name] = targets_.at(name);
    auto signers = changed_signers(setup_.config.targets.at(name), target);
    if (!signers) return tl::unexpected(signers.error());
    if (*signers) parts.signers[name] = std::move(**signers);
    if (plan.connections.contains(name)) {
      auto connection = http::prepare_connection(pipeline::client_options_of(target));
      if (!connection) return tl::unexpected(of_target(name, "tls", connection.error()));
      parts.connections[name] = std::move(*connection);
    }
  }
  return {};
}

Result<void> Service::make_writer(const Setup& next, Parts& parts) {
  const std::size_t largest = largest_dead_letter(next.config);
  if (largest == 0) return {};
  const bool same = writer_ != nullptr && same_kafka(setup_, next) &&
                    largest_dead_letter(setup_.config) == largest &&
                    setup_.memory.dead_letter_queue == next.memory.dead_letter_queue;
  if (same) {
    parts.writer = writer_;
    return {};
  }
  auto writer = kafka::ConfirmedWriter::create(
      {client_options(next.config), largest, next.memory.dead_letter_queue});
  if (!writer) return tl::unexpected(writer.error());
  parts.writer = std::move(*writer);
  return {};
}

Result<void> Service::make_run(const Setup& next, std::size_t place, Parts& parts) {
  const config::Pipeline& pipeline = next.config.pipelines[place];
  const std::size_t share = next.memory.worker_share[place];
  if (share < pipeline.batch.max_bytes) {
    log_.write(telemetry::Level::warn, telemetry::Event::memory_tight,
               {{"pipeline", pipeline.name},
                {"share_bytes", std::uint64_t{share}},
                {"remedy", "raise memory.budget, or lower batch.max_bytes or workers"}});
  }
  PipelineRunOptions options;
  options.pipeline = pipeline;
  options.target = next.config.targets.at(pipeline.target);
  options.consumer.client = client_options(next.config);
  options.consumer.group = pipeline.group;
  options.consumer.prefetch_bytes = next.memory.prefetch[place];
  const auto letters = dead_letter_topics(next.config);
  options.consumer.never_matched = {letters.begin(), letters.end()};
  options.instance_id = next.config.instance_id;
  options.memory_share = share;
  options.dead_letter_window = next.memory.dead_letter_window;
  auto run =
      PipelineRun::make(options, parts.targets.at(pipeline.target), parts.writer, seeds_, around());
  if (!run) return tl::unexpected(run.error());
  parts.runs[pipeline.name] = std::move(*run);
  return {};
}

kafka::ClientOptions Service::client_options(const config::Config& config) const {
  kafka::ClientOptions options = pipeline::kafka_options_of(config, clock_);
  options.log = [log = kafka_log_](int level, std::string_view text) { log->write(level, text); };
  return options;
}

}  // namespace sluice::service
