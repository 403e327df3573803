#include "service/reload_plan.h"

#include <algorithm>
#include <optional>

#include "config/rate_limit.h"
#include "credentials/bearer.h"

namespace sluice::service {
namespace {

std::size_t place_of(const config::Config& config, const std::string& name) {
  const auto found = std::find_if(config.pipelines.begin(), config.pipelines.end(),
                                  [&](const auto& pipeline) { return pipeline.name == name; });
  return static_cast<std::size_t>(found - config.pipelines.begin());
}

const config::Pipeline* find(const config::Config& config, const std::string& name) {
  const std::size_t place = place_of(config, name);
  return place == config.pipelines.size() ? nullptr : &config.pipelines[place];
}

std::size_t prefetch_of(const Setup& setup, const std::string& name) {
  return setup.memory.prefetch.at(place_of(setup.config, name));
}

// What can change while the target goes on is left out.
config::Target lasting(config::Target target) {
  target.auth.clear();
  if (target.tenants) target.tenants->of.clear();
  target.overlap = {};
  target.tls = {};
  target.health.reset();
  return target;
}

// What a budget of bytes is sized by.
std::size_t largest_single_body(const config::Config& config, const config::Target& target) {
  const bool sized =
      std::any_of(target.rate_limit.begin(), target.rate_limit.end(),
                  [](const auto& limit) { return limit.unit == config::RateUnit::bytes; });
  std::size_t largest = 0;
  for (const auto& pipeline : config.pipelines) {
    if (!sized || pipeline.target != target.name) continue;
    largest = std::max(largest, config::largest_single_body(pipeline));
  }
  return largest;
}

template <class Tls>
bool same_files(const Setup& now, const Setup& next, const Tls& tls) {
  const auto mark = [](const Setup& setup, const std::string& path) {
    const auto found = setup.files.find(path);
    return found == setup.files.end() ? 0 : found->second;
  };
  for (const auto& file : {tls.ca, tls.cert, tls.key}) {
    if (file && mark(now, *file) != mark(next, *file)) return false;
  }
  return true;
}

void compare_targets(const Setup& now, const Setup& next, ReloadPlan& plan) {
  for (const auto& [name, target] : next.config.targets) {
    const auto before = now.config.targets.find(name);
    if (before == now.config.targets.end() || lasting(before->second) != lasting(target) ||
        (credentials::oauth2_in(before->second.auth) == nullptr) !=
            (credentials::oauth2_in(target.auth) == nullptr) ||
        largest_single_body(now.config, before->second) !=
            largest_single_body(next.config, target)) {
      plan.targets_anew.insert(name);
      continue;
    }
    const config::Target& old = before->second;
    if (old.auth != target.auth || old.overlap != target.overlap || old.tenants != target.tenants) {
      plan.credentials.insert(name);
    }
    if (old.tls != target.tls || !same_files(now, next, target.tls)) plan.connections.insert(name);
  }
}

// Why every pipeline has to start anew.
std::optional<std::string> of_all(const Setup& now, const Setup& next) {
  if (!same_kafka(now, next)) return "kafka changed";
  if (now.config.instance_id != next.config.instance_id) return "instance_id changed";
  return std::nullopt;
}

std::optional<std::string> why_anew(const Setup& now, const Setup& next,
                                    const config::Pipeline& pipeline, const ReloadPlan& plan) {
  const config::Pipeline* before = find(now.config, pipeline.name);
  if (before == nullptr) return "new";
  if (*before != pipeline) return "its keys changed";
  if (pipeline.schema && now.files.at(*pipeline.schema) != next.files.at(*pipeline.schema)) {
    return "its schema changed";
  }
  if (plan.targets_anew.contains(pipeline.target)) return "its target changed";
  const bool writer = largest_dead_letter(now.config) != largest_dead_letter(next.config) ||
                      now.memory.dead_letter_queue != next.memory.dead_letter_queue;
  if (pipeline.dead_letter && writer) return "the writer of dead letters changed";
  if (!pipeline.patterns.empty() &&
      dead_letter_topics(now.config) != dead_letter_topics(next.config)) {
    return "dead-letter topics that its patterns must not match changed";
  }
  if (prefetch_of(now, pipeline.name) != prefetch_of(next, pipeline.name)) {
    return "memory is divided anew";
  }
  return of_all(now, next);
}

}  // namespace

ReloadPlan plan_reload(const Setup& now, const Setup& next) {
  ReloadPlan plan;
  compare_targets(now, next, plan);
  for (const auto& pipeline : next.config.pipelines) {
    if (auto why = why_anew(now, next, pipeline, plan)) plan.pipelines_anew[pipeline.name] = *why;
  }
  for (const auto& pipeline : now.config.pipelines) {
    if (find(next.config, pipeline.name) == nullptr) plan.pipelines_gone.insert(pipeline.name);
  }
  return plan;
}

bool same_kafka(const Setup& now, const Setup& next) {
  return now.config.kafka == next.config.kafka && same_files(now, next, next.config.kafka.tls);
}

std::size_t largest_dead_letter(const config::Config& config) {
  std::size_t largest = 0;
  for (const auto& pipeline : config.pipelines) {
    if (pipeline.dead_letter) largest = std::max(largest, pipeline.dead_letter->max_bytes);
  }
  return largest;
}

std::set<std::string> dead_letter_topics(const config::Config& config) {
  std::set<std::string> topics;
  for (const auto& pipeline : config.pipelines) {
    if (pipeline.dead_letter) topics.insert(pipeline.dead_letter->topic);
  }
  return topics;
}

}  // namespace sluice::service
