// What another configuration changes of one that runs.
#pragma once

#include <map>
#include <set>
#include <string>

#include "config/config.h"
#include "pipeline/memory_plan.h"
#include "service/file_marks.h"

namespace sluice::service {

// A configuration with all that was read besides it.
struct Setup {
  config::Config config;
  pipeline::MemoryPlan memory;
  FileMarks files;  // TLS files and schemas
};

// All by name. What is named nowhere goes on untouched.
struct ReloadPlan {
  std::set<std::string> targets_anew;  // new, or with another gate
  std::set<std::string> credentials;   // of targets that go on: other values, to be tried
  std::set<std::string> connections;   // of targets that go on: other TLS files
  // Those that start, and why: new ones, and those that stop for it.
  std::map<std::string, std::string> pipelines_anew;
  std::set<std::string> pipelines_gone;

  bool nothing() const {
    return targets_anew.empty() && credentials.empty() && connections.empty() &&
           pipelines_anew.empty() && pipelines_gone.empty();
  }
};

// Pure. A pipeline starts anew where something differs that its consumer, its records' way or its
// gate was made of: its own keys, its target's but for credentials, TLS files and health, what all
// clients of Kafka have in common, or its prefetch.
ReloadPlan plan_reload(const Setup& now, const Setup& next);

// What all clients of Kafka have in common is the same, the content of its files as well.
bool same_kafka(const Setup& now, const Setup& next);
// The largest dead letter of all pipelines, in bytes; 0: none writes any.
std::size_t largest_dead_letter(const config::Config& config);
// Topics that no pattern may match.
std::set<std::string> dead_letter_topics(const config::Config& config);

}  // namespace sluice::service
