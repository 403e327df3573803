// The configuration file, checked in full.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "config/loader.h"
#include "config/secret.h"

namespace sluice::service {

struct Loaded {
  config::Secret text;  // of the file: it may hold literal secrets
  config::Config config;
};
// What is wrong, a line each: of the file, then of what its parts say of one another.
using Complaints = std::vector<std::string>;

// Blocks: reads files, runs commands.
tl::expected<Loaded, Complaints> load(const std::string& path, const config::LoadOptions& options,
                                      const Clock& clock);
// The same text once more, with what its secrets refer to as it is now.
tl::expected<config::Config, Complaints> load_again(const config::Secret& text,
                                                    const std::string& path,
                                                    const config::LoadOptions& options,
                                                    const Clock& clock);

}  // namespace sluice::service
