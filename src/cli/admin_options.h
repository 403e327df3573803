// What the commands have in common that ask a Sluice that runs.
#pragma once

#include <memory>

#include "cli/admin_client.h"

namespace CLI {
class App;
}

namespace sluice::cli {

// --url and --config.
void add_admin_options(CLI::App& command, AdminOptions& options);

// Null: it has said on standard error why not.
std::unique_ptr<AdminClient> make_admin_client(const AdminOptions& options, AdminToken token,
                                               Duration timeout, const Clock& clock);

}  // namespace sluice::cli
