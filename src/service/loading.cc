#include "service/loading.h"

#include <utility>

#include "check/lint.h"

namespace sluice::service {

tl::expected<Loaded, Complaints> load(const std::string& path, const config::LoadOptions& options,
                                      const Clock& clock) {
  auto text = config::read_configuration(path);
  if (!text) return tl::unexpected(Complaints{text.error().text()});
  Loaded loaded;
  loaded.text = config::Secret(std::move(*text));
  auto config = load_again(loaded.text, path, options, clock);
  if (!config) return tl::unexpected(std::move(config.error()));
  loaded.config = std::move(*config);
  return loaded;
}

tl::expected<config::Config, Complaints> load_again(const config::Secret& text,
                                                    const std::string& path,
                                                    const config::LoadOptions& options,
                                                    const Clock& clock) {
  Complaints complaints;
  auto config = config::load_text(text.reveal(), path, options);
  if (!config) {
    for (const auto& problem : config.error()) complaints.push_back(problem.text());
    return tl::unexpected(std::move(complaints));
  }
  for (const auto& problem : check::lint(*config, clock)) {
    complaints.push_back(path + ": " + problem.text());
  }
  if (!complaints.empty()) return tl::unexpected(std::move(complaints));
  return std::move(*config);
}

}  // namespace sluice::service
