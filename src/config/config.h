// The checked configuration: what the loader hands to the rest of the house. Plain data; every
// value is in its bounds and every reference (pipeline -> target) resolves. Keys, defaults and
// meanings: docs/configuration.md, one row a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/kafka.h"
#include "config/pipeline.h"
#include "config/secret.h"
#include "config/sizes.h"
#include "config/target.h"

namespace sluice::config {

struct Admin {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9464;    // 0: any free port
  std::optional<Secret> token;  // of actions; without one there are none
  bool operator==(const Admin&) const = default;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { automatic, json, text };  // automatic: text on a terminal

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
  bool operator==(const Log&) const = default;
};

struct Config {
  Kafka kafka;
  Admin admin;
  std::size_t memory_budget = 256 * kMiB;
  Log log;
  Duration shutdown_timeout = std::chrono::seconds(25);
  std::optional<std::string> instance_id;
  std::map<std::string, Target> targets;
  std::vector<Pipeline> pipelines;  // in the order of the file
  // Those that secrets were read from, each once.
  std::set<std::string> secret_files;
  bool operator==(const Config&) const = default;
};

}  // namespace sluice::config
