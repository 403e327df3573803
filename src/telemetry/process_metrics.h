// What the kernel says of this process. Private to telemetry.
#pragma once

#include <prometheus/collectable.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace sluice::telemetry {

// Read at each scrape; what cannot be read is left out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  // `proc`: where /proc is.
  explicit ProcessMetrics(std::filesystem::path proc = "/proc") : proc_(std::move(proc)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::filesystem::path proc_;
};

}  // namespace sluice::telemetry
