#include "cli/config_file_argument.h"

#include <CLI/CLI.hpp>

namespace sluice::cli {

void add_configuration(CLI::App& command, std::string& path, bool& allow_literal_secrets) {
  command.add_option("FILE", path, "The configuration (YAML)")->required();
  command.add_flag("--allow-literal-secrets", allow_literal_secrets,
                   "Take secrets that stand in the file itself: for trials only");
}

}  // namespace sluice::cli
