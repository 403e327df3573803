// What the commands have in common that take a configuration.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sluice::cli {

// FILE and --allow-literal-secrets.
void add_configuration(CLI::App& command, std::string& path, bool& allow_literal_secrets);

}  // namespace sluice::cli
