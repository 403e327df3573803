#include "cli/admin_options.h"

#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>

namespace sluice::cli {

void add_admin_options(CLI::App& command, AdminOptions& options) {
  CLI::Option* const url = command.add_option("--url", options.url,
                                              "Where it listens; without it http://127.0.0.1:9464");
  command
      .add_option("--config", options.config_path,
                  "The configuration that it runs with: admin.listen and admin.token")
      ->type_name("FILE")
      ->excludes(url);
}

std::unique_ptr<AdminClient> make_admin_client(const AdminOptions& options, AdminToken token,
                                               Duration timeout, const Clock& clock) {
  auto place = find_admin(options, token);
  if (!place) {
    std::fprintf(stderr, "sluice: %s\n", place.error().c_str());
    return nullptr;
  }
  auto client = AdminClient::create(std::move(*place), timeout, clock);
  if (client) return std::move(*client);
  std::fprintf(stderr, "sluice: %s\n", client.error().text().c_str());
  return nullptr;
}

}  // namespace sluice::cli
