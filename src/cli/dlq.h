#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct DlqOptions {
  enum class Command : std::uint8_t { list, show, replay };
  Command command = Command::list;
  std::string config_path;
  bool allow_literal_secrets = false;
  bool json = false;

  std::vector<std::string> pipelines;  // show and replay: one
  std::vector<std::string> reasons;
  std::vector<std::string> statuses;
  std::vector<std::string> ids;
  std::string since;
  std::string until;
  std::string at;

  std::vector<std::string> by;  // list
  bool payload = false;         // show

  // replay
  std::optional<std::int64_t> from_offset;
  std::optional<std::int64_t> to_offset;
  std::string to = "topic";
  std::string rate = "100/s";
  std::size_t limit = 0;  // 0: none
  bool dry_run = false;
  bool uncertain = false;
  bool force = false;
};

// Adds `dlq` and its commands to the command line; they fill in `options`.
CLI::App* add_dlq(CLI::App& app, DlqOptions& options);

// `sluice dlq list | show | replay`. Call it before any other thread is started: it blocks signals.
int dlq(const DlqOptions& options, const Clock& clock, std::uint64_t seed);

}  // namespace sluice::cli
