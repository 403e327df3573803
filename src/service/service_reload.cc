// Changing over to another configuration.
#include <algorithm>
#include <iterator>
#include <utility>

#include "auth/certificate.h"
#include "service/kafka_login.h"
#include "service/service_parts.h"

namespace sluice::service {
namespace {

constexpr auto kPause = std::chrono::milliseconds(20);
// Beyond shutdown_timeout, by when a worker has left.
constexpr Duration kGrace = std::chrono::seconds(5);

template <class Names>
std::string joined(const Names& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string described(const ReloadPlan& plan) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (const auto& [name, why] : plan.pipelines_anew) add(name + " starts anew: " + why);
  if (!plan.pipelines_gone.empty()) add("ended: " + joined(plan.pipelines_gone));
  if (!plan.credentials.empty()) add("credentials to try: " + joined(plan.credentials));
  if (!plan.connections.empty()) add("new connections: " + joined(plan.connections));
  return text;
}

// Secrets that have changed, and that nobody takes over before a reload.
std::string left_for_a_reload(const config::Config& now, const config::Config& next) {
  std::string names = now.kafka != next.kafka ? "kafka" : "";
  for (const auto& [name, target] : now.targets) {
    const auto found = next.targets.find(name);
    if (found == next.targets.end() || found->second.proxy == target.proxy) continue;
    names += (names.empty() ? "" : ", ") + ("targets." + name + ".proxy");
  }
  return names.empty() ? names : "the secrets of " + names + " changed: a reload takes them over";
}

}  // namespace

Result<std::string> Service::apply(config::Config next) {
  const bool same = next == setup_.config;
  auto done = change(setup_of(std::move(next), setup_));
  // Whatever an operator has set meanwhile; other secrets alone leave that as it is.
  if (done) log_.set_level(level_of(setup_.config.log.level));
  if (!done || !done->empty()) return done;
  return std::string(same ? "nothing to change" : "taken over; nothing starts anew for it");
}

Result<std::string> Service::apply_secrets(const config::Config& next) {
  Setup setup = setup_;
  for (auto& [name, target] : setup.config.targets) {
    const auto found = next.targets.find(name);
    if (found == next.targets.end()) continue;
    target.auth = found->second.auth;
    if (target.tenants && found->second.tenants) target.tenants->of = found->second.tenants->of;
  }
  setup.config.admin.token = next.admin.token;
  for (auto& [path, mark] : mark_files(tls_files_of(setup.config))) setup.files[path] = mark;
  const std::string left = left_for_a_reload(setup_.config, next);
  auto done = change(std::move(setup));
  if (!done || left.empty()) return done;
  return done->empty() ? left : *done + "; " + left;
}

Result<std::string> Service::change(Setup next) {
  const ReloadPlan plan = plan_reload(setup_, next);
  // A start goes on without brokers: there it stops nothing.
  if (started_ && !same_kafka(setup_, next)) {
    if (auto done = try_kafka_login(next.config, clock_); !done)
      return tl::unexpected(done.error());
  }
  auto parts = make_parts(next, plan);
  if (!parts) return tl::unexpected(parts.error());
  for (const std::string& name : plan.targets_anew) {
    if (auto started = parts->targets.at(name)->start(); !started) {
      return tl::unexpected(started.error());
    }
  }
  if (!stop_runs(plan)) return fail("Sluice stops");
  const std::string done = described(plan);
  change_over(std::move(next), plan, std::move(*parts));
  return done;
}

// False: the whole service stops.
bool Service::stop_runs(const ReloadPlan& plan) {
  std::vector<std::shared_ptr<PipelineRun>> stopped;
  std::unique_lock lock(mutex_);
  const Duration timeout = setup_.config.shutdown_timeout;
  for (auto run = runs_.begin(); run != runs_.end();) {
    const bool stops =
        plan.pipelines_gone.contains(run->first) || plan.pipelines_anew.contains(run->first);
    if (stops) stopped.push_back(run->second);
    run = stops ? runs_.erase(run) : std::next(run);
  }
  leaving_.insert(leaving_.end(), stopped.begin(), stopped.end());
  if (stopping_) return false;
  for (const auto& run : stopped) run->stop(timeout);
  // Who does not leave in time leaves later, as another member of the group: nothing is lost.
  const Instant deadline = clock_.now() + timeout + kGrace;
  const auto all_stopped = [&] {
    return std::all_of(stopped.begin(), stopped.end(),
                       [](const auto& run) { return run->stopped(); });
  };
  while (!stopping_ && !all_stopped() && clock_.now() < deadline) {
    stop_asked_.wait_for(lock, kPause);
  }
  return !stopping_;
}

void Service::change_over(Setup next, const ReloadPlan& plan, Parts parts) {
  renew_targets(next, parts);
  // Else what is in use was read before.
  if (!started_ || !same_kafka(setup_, next)) {
    const auto& cert = next.config.kafka.tls.cert;
    metrics_.set_kafka_certificate_expires(cert ? auth::certificate_expiry(*cert) : std::nullopt);
  }
  Targets former;  // go after the lock: one may wait for a token server
  const std::lock_guard lock(mutex_);
  close_metrics(plan, parts.targets);
  for (std::size_t i = 0; i < next.config.pipelines.size(); ++i) {
    const config::Pipeline& pipeline = next.config.pipelines[i];
    const auto made = parts.runs.find(pipeline.name);
    if (made != parts.runs.end()) {
      start_run(pipeline, made->second);
      continue;
    }
    for (const auto& worker : runs_.at(pipeline.name)->workers()) {
      worker->set_memory(next.memory.worker_share[i], next.memory.dead_letter_window);
    }
  }
  metrics_.set_memory_budget(next.config.memory_budget);
  former = std::exchange(targets_, std::move(parts.targets));
  writer_ = std::move(parts.writer);
  setup_ = std::move(next);
  if (parts.admin) {
    former_admin_ = std::exchange(admin_, std::move(parts.admin));
  }
  started_ = true;
}

// Of what is gone nothing says any more that somebody should look at it.
void Service::close_metrics(const ReloadPlan& plan, const Targets& next) {
  for (const auto& pipeline : setup_.config.pipelines) {
    if (!plan.pipelines_gone.contains(pipeline.name)) continue;
    status_.keep(pipeline.name, 0);
    pauses_.erase(pipeline.name);
    for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
      metrics_.pipeline(pipeline.name, pipeline.target).forget_worker(number);
    }
  }
  for (const auto& [name, run] : targets_) {
    const auto successor = next.find(name);
    run->close_metrics(successor == next.end() ? nullptr : successor->second.get());
  }
}

void Service::start_run(const config::Pipeline& pipeline, const std::shared_ptr<PipelineRun>& run) {
  status_.keep(pipeline.name, pipeline.workers);
  for (std::uint32_t number = 0; number < pipeline.workers; ++number) {
    status_.add(pipeline.name, pipeline.group, pipeline.target, number);
  }
  status_.show(pipeline.name, metrics_.activity(pipeline.name));
  if (const auto pause = pauses_.find(pipeline.name); pause != pauses_.end()) {
    run->set_pause(pause->second);
  }
  run->start();
  if (stopping_) run->stop(setup_.config.shutdown_timeout);
  runs_[pipeline.name] = run;
  log_.write(telemetry::Level::info, telemetry::Event::pipeline_started,
             {{"pipeline", pipeline.name},
              {"group", pipeline.group},
              {"target", pipeline.target},
              {"workers", pipeline.workers}});
}

void Service::renew_targets(const Setup& next, Parts& parts) {
  std::map<std::string, std::function<telemetry::TargetStatus()>> all;
  for (const auto& [name, run] : parts.targets) {
    all[name] = [run = run] { return run->status(); };
    const config::Target& target = next.config.targets.at(name);
    run->take_over(target);
    if (const auto signers = parts.signers.find(name); signers != parts.signers.end()) {
      run->renew(target, signers->second);
    }
    const auto connection = parts.connections.find(name);
    if (connection == parts.connections.end()) continue;
    run->note_certificate(target.tls);
    run->use_route();
    for (const auto& pipeline : next.config.pipelines) {
      const auto user = runs_.find(pipeline.name);
      if (pipeline.target != name || user == runs_.end()) continue;
      for (const auto& worker : user->second->workers()) {
        worker->use_connection(connection->second);
      }
    }
  }
  status_.set_targets(std::move(all));
}

void Service::tidy() {
  for (const auto& [name, run] : targets_) run->tend();
  std::vector<std::shared_ptr<PipelineRun>> gone;
  std::unique_ptr<admin::Server> admin;
  const std::lock_guard lock(mutex_);
  const auto first = std::stable_partition(leaving_.begin(), leaving_.end(),
                                           [](const auto& run) { return !run->stopped(); });
  gone.assign(first, leaving_.end());
  leaving_.erase(first, leaving_.end());
  admin = std::move(former_admin_);
}

}  // namespace sluice::service
