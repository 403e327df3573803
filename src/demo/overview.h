// One row a pipeline, from what the service says of itself.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "demo/metric_reader.h"
#include "telemetry/status.h"

namespace sluice::demo {

struct PipelineRow {
  std::string pipeline;
  std::uint64_t consumed = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t lag = 0;
  double requests_per_second = 0;
  std::optional<double> p99_seconds;  // it is at most this; nothing without requests
  std::uint64_t throttled = 0;        // answers 429
  bool breaker_open = false;
  StallReason reason = StallReason::starting;
  std::string detail;  // in plain words; empty when flowing
};

// The next offsets that a pipeline's workers have committed, added up: the number of records
// that are done with, in topics that have lost none.
std::uint64_t committed_of(const telemetry::StatusBoard::Snapshot& status,
                           const std::string& pipeline);

// For one thread.
class Overview {
 public:
  // Percentiles are of the last so many seconds; rates of fewer, so that they show at once what
  // an open breaker still lets through.
  static constexpr Duration kWindow = std::chrono::seconds(5);
  static constexpr Duration kRateWindow = std::chrono::seconds(2);

  explicit Overview(std::vector<std::string> pipelines) : pipelines_(std::move(pipelines)) {}

  // `produced`: how many records there are in each pipeline's topic.
  std::vector<PipelineRow> rows(Instant now, const MetricReader& metrics,
                                const telemetry::StatusBoard::Snapshot& status,
                                const std::vector<std::uint64_t>& produced);

 private:
  struct Requests {
    double count = 0;
    Histogram seconds;
  };
  struct Scrape {
    Instant when;
    std::vector<Requests> requests;  // by pipeline
  };

  void remember(Instant now, const MetricReader& metrics);
  double request_rate(std::size_t pipeline) const;

  const std::vector<std::string> pipelines_;
  std::deque<Scrape> scrapes_;  // oldest first: one that is as old as the window, and those since
};

}  // namespace sluice::demo
