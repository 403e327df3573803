#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct DemoOptions {
  std::string duration = "20s";            // --duration: how long records are made, 3s to 1h
  std::uint32_t rate = 2000;               // --rate: records a second over all types, 1 to 50000
  std::string fault = "none";              // --fault: what the API suffers in the middle third
  std::optional<std::int64_t> started_at;  // --started-at, hidden: when a script began, in seconds
                                           // since 1970; the first delivery is reported against it
};

CLI::App* add_demo(CLI::App& app, DemoOptions& options);

// `sluice demo`: a broker, an API and the pipelines between them in this process, watched until
// every record is accounted for. 0 only if none is lost. A signal ends it early; a second one at
// once. Call it before any other thread is started.
int demo(const DemoOptions& options, const Clock& clock, std::uint64_t seed);

}  // namespace sluice::cli
