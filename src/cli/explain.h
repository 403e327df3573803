#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct ExplainOptions {
  std::string config_path;
  bool allow_literal_secrets = false;
  std::string pipeline;  // empty: the only one
  std::string topic;     // likewise
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  std::string record;  // a file with a value, "-" for standard input; empty: none
  std::optional<std::string> key;
  std::vector<std::string> headers;  // NAME=VALUE
  bool body = false;
  bool json = false;
};

// Adds `explain` to the command line; it fills in `options`.
CLI::App* add_explain(CLI::App& app, ExplainOptions& options);

// `sluice explain`: what becomes of a record, without sending anything. Call it before any other
// thread is started: it blocks signals.
int explain(const ExplainOptions& options, const Clock& clock);

}  // namespace sluice::cli
