#include "demo/overview.h"

#include <algorithm>

#include "telemetry/metric_list.h"

namespace sluice::demo {
namespace {

std::uint64_t to_count(double value) { return static_cast<std::uint64_t>(value); }

bool stands_for_breaker(StallReason reason) {
  return reason == StallReason::breaker_open || reason == StallReason::unauthorized ||
         reason == StallReason::misconfigured;
}

// The first worker that stands still speaks for its pipeline, as in /status.
void take_reason(PipelineRow& row, const telemetry::StatusBoard::Snapshot& status) {
  row.reason = StallReason::flowing;
  for (const auto& [key, worker] : status) {
    if (key.first != row.pipeline || worker.reason == StallReason::flowing) continue;
    row.reason = worker.reason;
    row.detail = worker.detail;
    break;
  }
  row.breaker_open = stands_for_breaker(row.reason);
}

}  // namespace

std::uint64_t committed_of(const telemetry::StatusBoard::Snapshot& status,
                           const std::string& pipeline) {
  std::uint64_t sum = 0;
  for (const auto& [key, worker] : status) {
    if (key.first != pipeline) continue;
    for (const auto& partition : worker.partitions) {
      if (partition.committed > 0) sum += static_cast<std::uint64_t>(partition.committed);
    }
  }
  return sum;
}

std::vector<PipelineRow> Overview::rows(Instant now, const MetricReader& metrics,
                                        const telemetry::StatusBoard::Snapshot& status,
                                        const std::vector<std::uint64_t>& produced) {
  remember(now, metrics);
  const Scrape& first = scrapes_.front();
  const Scrape& last = scrapes_.back();
  std::vector<PipelineRow> rows;
  for (std::size_t i = 0; i < pipelines_.size(); ++i) {
    const MetricReader::Labels of = {{"pipeline", pipelines_[i]}};
    PipelineRow row;
    row.pipeline = pipelines_[i];
    row.consumed = to_count(metrics.sum(telemetry::kRecordsConsumed.name, of));
    row.delivered = to_count(metrics.sum(telemetry::kRecordsDelivered.name, of));
    row.dead_lettered = to_count(metrics.sum(telemetry::kDeadLetters.name, of));
    row.throttled = to_count(
        metrics.sum(telemetry::kRequests.name, {{"pipeline", pipelines_[i]}, {"status", "429"}}));
    row.lag = produced.at(i) - std::min(produced.at(i), committed_of(status, pipelines_[i]));
    row.requests_per_second = request_rate(i);
    row.p99_seconds = quantile_bound(first.requests[i].seconds, last.requests[i].seconds, 0.99);
    take_reason(row, status);
    rows.push_back(std::move(row));
  }
  return rows;
}

double Overview::request_rate(std::size_t pipeline) const {
  const Scrape& last = scrapes_.back();
  // The newest that is old enough, or else the oldest.
  const auto old_enough = [&](const Scrape& scrape) {
    return scrape.when <= last.when - kRateWindow;
  };
  auto from = std::find_if(scrapes_.rbegin(), scrapes_.rend(), old_enough);
  const Scrape& first = from == scrapes_.rend() ? scrapes_.front() : *from;
  const double seconds = std::chrono::duration<double>(last.when - first.when).count();
  if (seconds <= 0) return 0;
  return (last.requests[pipeline].count - first.requests[pipeline].count) / seconds;
}

void Overview::remember(Instant now, const MetricReader& metrics) {
  Scrape scrape{now, {}};
  for (const auto& pipeline : pipelines_) {
    const MetricReader::Labels of = {{"pipeline", pipeline}};
    scrape.requests.push_back({metrics.sum(telemetry::kRequests.name, of),
                               metrics.histogram(telemetry::kRequestSeconds.name, of)});
  }
  scrapes_.push_back(std::move(scrape));
  while (scrapes_.size() > 2 && scrapes_[1].when <= now - kWindow) scrapes_.pop_front();
}

}  // namespace sluice::demo
