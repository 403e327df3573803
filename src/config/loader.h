// YAML -> Config, strict: see docs/configuration.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/config.h"

namespace sluice::config {

// One thing wrong with the file. line and column count from 1.
struct Problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string cause;   // names the key or value; never a secret
  std::string remedy;  // what to do, with the nearest valid key where there is one

  // "file:line:column: cause; remedy"
  std::string text() const;
};

struct LoadOptions {
  bool allow_literal_secrets = false;
  // The librdkafka that will run, as rd_kafka_version() gives it (0x020002ff = 2.0.2): some
  // properties are refused below a version. Passed in, so that this folder names no librdkafka.
  int librdkafka_version = 0;
  // Where set, only the secrets of kafka and of the targets of these pipelines are looked up. The
  // others stay empty, and what they refer to need not be there.
  std::optional<std::vector<std::string>> secrets_for = std::nullopt;
  // The same of all but those of admin, whatever else is set.
  bool only_admin_secrets = false;
  // Not even those.
  bool no_secrets = false;
};

// All problems at once, in the order of the file; never empty.
using LoadResult = tl::expected<Config, std::vector<Problem>>;

// The bytes of a configuration file, for load_text().
tl::expected<std::string, Problem> read_configuration(const std::string& path);

// Reads the file and everything it refers to (environment, secret files, commands of ${exec:},
// each at most 5 s). Blocks; call it before any worker starts.
LoadResult load_file(const std::string& path, const LoadOptions& options);

// The same from text; `name` stands for the file in problems.
LoadResult load_text(std::string_view yaml, const std::string& name, const LoadOptions& options);

}  // namespace sluice::config
