#include "telemetry/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/record.h"
#include "telemetry/beat_metrics.h"
#include "telemetry/credential_series.h"
#include "telemetry/log_metrics.h"
#include "telemetry/metric_list.h"
#include "telemetry/partition_series.h"
#include "telemetry/process_metrics.h"
#include "telemetry/series_maker.h"
#include "telemetry/target_series.h"
#include "telemetry/worker_series.h"

namespace sluice::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// What `status` says: classes, because a target may answer with any number. 429 stands alone: it
// is the one 4xx that says nothing against the request.
constexpr std::array kStatusLabels{"none", "2xx", "3xx", "4xx", "429", "5xx"};

std::size_t status_label(int status) {
  if (status == 429) return 4;
  switch (status / 100) {
    case 2:
      return 1;
    case 3:
      return 2;
    case 4:
      return 3;
    case 5:
      return 5;
    default:
      return 0;
  }
}

// One counter per value of a closed list; values that are left out are not counted.
template <class Enum, std::size_t N>
class CountersBy {
 public:
  CountersBy(const SeriesMaker& maker, const CounterInfo& info, const std::array<Enum, N>& all,
             std::initializer_list<Enum> left_out = {}) {
    for (const Enum value : all) {
      if (std::find(left_out.begin(), left_out.end(), value) != left_out.end()) continue;
      counters_.at(index(value)) = &maker.make(info, {to_string(value)});
    }
  }
  void add(Enum value, double amount) {
    if (Counter* counter = counters_.at(index(value))) counter->Increment(amount);
  }

 private:
  static std::size_t index(Enum value) { return static_cast<std::size_t>(value); }

  std::array<Counter*, N> counters_{};
};

class RequestCounters {
 public:
  explicit RequestCounters(const SeriesMaker& maker) {
    for (const Verdict verdict : kAllVerdicts) {
      auto& row = counters_.at(static_cast<std::size_t>(verdict));
      for (std::size_t i = 0; i < row.size(); ++i) {
        row.at(i) = &maker.make(kRequests, {to_string(verdict), kStatusLabels.at(i)});
      }
    }
  }
  Counter& at(Verdict verdict, int status) {
    return *counters_.at(static_cast<std::size_t>(verdict)).at(status_label(status));
  }

 private:
  std::array<std::array<Counter*, kStatusLabels.size()>, kAllVerdicts.size()> counters_{};
};

// The gauges come and go with partitions and workers, so they are found in maps under a lock; the
// counters are looked up once, here, and then only added to.
class PipelineSeries final : public PipelineMetrics {
 public:
  PipelineSeries(SeriesMaker maker, Activity& activity)
      : maker_(std::move(maker)), activity_(activity) {}

  void records_consumed(std::uint64_t records, std::uint64_t bytes) override {
    add(records_consumed_, records);
    add(record_bytes_consumed_, bytes);
  }
  void records_delivered(std::uint64_t records) override {
    add(records_delivered_, records);
    activity_.delivered(records);
  }
  void records_dropped(std::uint64_t records) override { add(records_dropped_, records); }
  void record_dead_lettered(DeadLetterReason reason) override {
    dead_letters_.add(reason, 1);
    activity_.dead_lettered(reason);
  }
  void dead_letter_write_failed() override { dead_letter_write_failures_.Increment(); }

  void batch_closed(CloseReason reason, std::uint64_t records, std::uint64_t bytes) override {
    batches_closed_.add(reason, 1);
    batch_records_.Observe(static_cast<double>(records));
    batch_bytes_.Observe(static_cast<double>(bytes));
  }
  void request_finished(int status, Verdict verdict, Duration took,
                        std::uint64_t body_bytes) override {
    requests_.at(verdict, status).Increment();
    request_seconds_.Observe(seconds(took));
    add(request_body_bytes_, body_bytes);
    activity_.request_finished(took, body_bytes);
  }
  void request_retried() override { request_retries_.Increment(); }
  void batch_delivered(Duration oldest_record_age) override {
    delivery_age_.Observe(seconds(std::max(oldest_record_age, Duration::zero())));
    activity_.batch_delivered(oldest_record_age);
  }

  void commit_confirmed() override { commits_.Increment(); }
  void commit_failed() override { commit_failures_.Increment(); }
  void rebalanced() override { rebalances_.Increment(); }
  void stalled(StallReason reason, Duration how_long) override {
    stalled_seconds_.add(reason, seconds(how_long));
  }

  void set_lag(const std::string& topic, std::int32_t partition, std::int64_t records) override {
    lags_.set(topic, partition, static_cast<double>(records));
  }
  void set_oldest_undelivered(const std::string& topic, std::int32_t partition,
                              Duration age) override {
    oldest_.set(topic, partition, seconds(std::max(age, Duration::zero())));
  }
  void forget_partition(const std::string& topic, std::int32_t partition) override {
    lags_.forget(topic, partition);
    oldest_.forget(topic, partition);
  }
  void set_worker(std::uint32_t worker, const WorkerLoad& load) override {
    workers_.set(worker, load);
  }
  void forget_worker(std::uint32_t worker) override { workers_.forget(worker); }

 private:
  static void add(Counter& counter, std::uint64_t amount) {
    counter.Increment(static_cast<double>(amount));
  }

  const SeriesMaker maker_;
  Activity& activity_;
  Counter& records_consumed_ = maker_.make(kRecordsConsumed);
  Counter& record_bytes_consumed_ = maker_.make(kRecordBytesConsumed);
  Counter& records_delivered_ = maker_.make(kRecordsDelivered);
  Counter& records_dropped_ = maker_.make(kRecordsDropped);
  CountersBy<DeadLetterReason, kAllDeadLetterReasons.size()> dead_letters_{maker_, kDeadLetters,
                                                                           kAllDeadLetterReasons};
  Counter& dead_letter_write_failures_ = maker_.make(kDeadLetterWriteFailures);
  CountersBy<CloseReason, kAllCloseReasons.size()> batches_closed_{maker_, kBatchesClosed,
                                                                   kAllCloseReasons};
  Histogram& batch_records_ = maker_.make(kBatchRecords);
  Histogram& batch_bytes_ = maker_.make(kBatchBytes);
  RequestCounters requests_{maker_};
  Counter& request_retries_ = maker_.make(kRequestRetries);
  Histogram& request_seconds_ = maker_.make(kRequestSeconds);
  Counter& request_body_bytes_ = maker_.make(kRequestBodyBytes);
  Histogram& delivery_age_ = maker_.make(kDeliveryAge);
  Counter& commits_ = maker_.make(kCommits);
  Counter& commit_failures_ = maker_.make(kCommitFailures);
  Counter& rebalances_ = maker_.make(kRebalances);
  CountersBy<StallReason, kAllStallReasons.size()> stalled_seconds_{
      maker_,
      kStalledSeconds,
      kAllStallReasons,
      {StallReason::flowing, StallReason::retrying, StallReason::not_responding}};
  PartitionSeries lags_{kLag, maker_};
  PartitionSeries oldest_{kOldestUndelivered, maker_};
  WorkerSeries workers_{maker_};
};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  const SeriesMaker of_process{registry, {}};
  Gauge& kafka_certificate = of_process.make(kKafkaCertificateExpires);
  Gauge& memory_budget = of_process.make(kMemoryBudget);
  Counter& reloads_done = of_process.make(kConfigReloads, {"done"});
  Counter& reloads_refused = of_process.make(kConfigReloads, {"refused"});
  const ProcessMetrics process;
  mutable std::mutex mutex;  // of what follows
  std::optional<LogMetrics> log;
  std::optional<BeatMetrics> beats;
  std::map<std::string, Activity> activities;
  std::map<std::string, std::unique_ptr<PipelineSeries>> pipelines;
  std::map<std::string, std::unique_ptr<TargetSeries>> targets;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<CredentialSeries>> credentials;
};

Metrics::Metrics(std::string_view version) : impl_(std::make_unique<Impl>()) {
  impl_->of_process.make(kBuildInfo, {version}).Set(1);
}

Metrics::~Metrics() = default;

PipelineMetrics& Metrics::pipeline(const std::string& name, const std::string& target) {
  const std::lock_guard lock(impl_->mutex);
  auto& series = impl_->pipelines[name];
  if (series == nullptr) {
    series = std::make_unique<PipelineSeries>(
        SeriesMaker(impl_->registry, {{"pipeline", name}, {"target", target}}),
        impl_->activities[name]);
  }
  return *series;
}

Activity& Metrics::activity(const std::string& name) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->activities[name];
}

TargetMetrics& Metrics::target(const std::string& name) {
  const std::lock_guard lock(impl_->mutex);
  auto& series = impl_->targets[name];
  if (series == nullptr) {
    series = std::make_unique<TargetSeries>(SeriesMaker(impl_->registry, {{"target", name}}));
  }
  return *series;
}

CredentialMetrics& Metrics::credential(const std::string& target, const std::string& tenant) {
  const std::lock_guard lock(impl_->mutex);
  auto& series = impl_->credentials[{target, tenant}];
  if (!series) {
    series = std::make_unique<CredentialSeries>(
        SeriesMaker(impl_->registry, {{"target", target}, {"tenant", tenant}}));
  }
  series->make();
  return *series;
}

void Metrics::set_kafka_certificate_expires(std::optional<WallTime> expires) {
  impl_->kafka_certificate.Set(timestamp(expires));
}

void Metrics::set_memory_budget(std::size_t bytes) {
  impl_->memory_budget.Set(static_cast<double>(bytes));
}

void Metrics::reloaded(bool done) {
  (done ? impl_->reloads_done : impl_->reloads_refused).Increment();
}

void Metrics::count_lines_of(const Log& log) {
  const std::lock_guard lock(impl_->mutex);
  impl_->log.emplace(log);
}

void Metrics::watch_beats_of(const StatusBoard& board) {
  const std::lock_guard lock(impl_->mutex);
  impl_->beats.emplace(board);
}

std::string Metrics::serialize() const {
  auto families = impl_->registry.Collect();
  const auto add = [&](std::vector<prometheus::MetricFamily> more) {
    std::move(more.begin(), more.end(), std::back_inserter(families));
  };
  add(impl_->process.Collect());
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->log) add(impl_->log->Collect());
    if (impl_->beats) add(impl_->beats->Collect());
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sluice::telemetry
