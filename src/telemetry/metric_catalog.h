// Every metric of metric_list.h, in the order and under the headings that people read them in.
#pragma once

#include <array>
#include <cstdint>

#include "telemetry/metric_list.h"

namespace sluice::telemetry {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// The headings of docs/metrics.md.
enum class MetricSection : std::uint8_t {
  records,
  requests,
  stalls,
  group,
  targets,
  credentials,
  workers,
  process,
};

struct CatalogEntry {
  constexpr CatalogEntry(MetricSection where, const CounterInfo& about)
      : section(where), type(MetricType::counter), info(&about) {}
  constexpr CatalogEntry(MetricSection where, const GaugeInfo& about)
      : section(where), type(MetricType::gauge), info(&about) {}
  constexpr CatalogEntry(MetricSection where, const HistogramInfo& about)
      : section(where), type(MetricType::histogram), info(&about) {}

  MetricSection section;
  MetricType type;
  const MetricInfo* info;
};

inline constexpr std::array kMetricCatalog{
    CatalogEntry{MetricSection::records, kRecordsConsumed},
    CatalogEntry{MetricSection::records, kRecordBytesConsumed},
    CatalogEntry{MetricSection::records, kRecordsDelivered},
    CatalogEntry{MetricSection::records, kRecordsDropped},
    CatalogEntry{MetricSection::records, kDeadLetters},
    CatalogEntry{MetricSection::records, kDeadLetterWriteFailures},
    CatalogEntry{MetricSection::records, kLag},
    CatalogEntry{MetricSection::records, kScalableLag},
    CatalogEntry{MetricSection::records, kOldestUndelivered},
    CatalogEntry{MetricSection::records, kDeliveryAge},
    CatalogEntry{MetricSection::requests, kBatchesClosed},
    CatalogEntry{MetricSection::requests, kBatchRecords},
    CatalogEntry{MetricSection::requests, kBatchBytes},
    CatalogEntry{MetricSection::requests, kRequests},
    CatalogEntry{MetricSection::requests, kRequestRetries},
    CatalogEntry{MetricSection::requests, kRequestSeconds},
    CatalogEntry{MetricSection::requests, kRequestBodyBytes},
    CatalogEntry{MetricSection::stalls, kStalledWorkers},
    CatalogEntry{MetricSection::stalls, kStalledPartitions},
    CatalogEntry{MetricSection::stalls, kStalledSeconds},
    CatalogEntry{MetricSection::group, kCommits},
    CatalogEntry{MetricSection::group, kCommitFailures},
    CatalogEntry{MetricSection::group, kRebalances},
    CatalogEntry{MetricSection::targets, kTargetBreakerState},
    CatalogEntry{MetricSection::targets, kTargetBreakerOpened},
    CatalogEntry{MetricSection::targets, kTargetThrottledSeconds},
    CatalogEntry{MetricSection::targets, kTargetBudgetSpent},
    CatalogEntry{MetricSection::targets, kTargetBudgetPerSecond},
    CatalogEntry{MetricSection::targets, kTargetConcurrencyLimit},
    CatalogEntry{MetricSection::targets, kTargetInFlight},
    CatalogEntry{MetricSection::targets, kTargetCertificateExpires},
    CatalogEntry{MetricSection::credentials, kCredentialSince},
    CatalogEntry{MetricSection::credentials, kCredentialExpires},
    CatalogEntry{MetricSection::credentials, kCredentialNewestRefused},
    CatalogEntry{MetricSection::credentials, kCredentialChanges},
    CatalogEntry{MetricSection::workers, kWorkerLastBeatAge},
    CatalogEntry{MetricSection::workers, kWorkerMemory},
    CatalogEntry{MetricSection::workers, kWorkerMemoryLimit},
    CatalogEntry{MetricSection::workers, kWorkerInFlight},
    CatalogEntry{MetricSection::workers, kWorkerUnconfirmed},
    CatalogEntry{MetricSection::process, kBuildInfo},
    CatalogEntry{MetricSection::process, kMemoryBudget},
    CatalogEntry{MetricSection::process, kConfigReloads},
    CatalogEntry{MetricSection::process, kLogLines},
    CatalogEntry{MetricSection::process, kLogLinesHeldBack},
    CatalogEntry{MetricSection::process, kKafkaCertificateExpires},
    CatalogEntry{MetricSection::process, kProcessCpu},
    CatalogEntry{MetricSection::process, kProcessMemory},
    CatalogEntry{MetricSection::process, kProcessOpenFds},
    CatalogEntry{MetricSection::process, kProcessMaxFds},
    CatalogEntry{MetricSection::process, kProcessThreads},
    CatalogEntry{MetricSection::process, kProcessStart},
};

}  // namespace sluice::telemetry
