// The metrics of one target. Private to telemetry.
#pragma once

#include <array>
#include <chrono>

#include "telemetry/budget_series.h"
#include "telemetry/metrics.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

class TargetSeries final : public TargetMetrics {
 public:
  explicit TargetSeries(const SeriesMaker& maker)
      : opened_(maker.make(kTargetBreakerOpened)),
        throttled_seconds_(maker.make(kTargetThrottledSeconds)),
        concurrency_limit_(maker.make(kTargetConcurrencyLimit)),
        in_flight_(maker.make(kTargetInFlight)),
        certificate_expires_(maker.make(kTargetCertificateExpires)),
        budgets_(maker) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      states_.at(i) = &maker.make(kTargetBreakerState, {to_string(kAllBreakerStates.at(i))});
    }
  }

  void set_breaker(BreakerState state) override {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      states_.at(i)->Set(kAllBreakerStates.at(i) == state ? 1 : 0);
    }
  }
  void breaker_opened() override { opened_.Increment(); }
  void throttled(Duration how_long) override {
    throttled_seconds_.Increment(std::chrono::duration<double>(how_long).count());
  }
  void set_concurrency(std::size_t limit, std::size_t in_flight) override {
    concurrency_limit_.Set(static_cast<double>(limit));
    in_flight_.Set(static_cast<double>(in_flight));
  }

  void set_certificate_expires(std::optional<WallTime> expires) override {
    certificate_expires_.Set(timestamp(expires));
  }
  std::vector<std::shared_ptr<BudgetMetrics>> set_budgets(
      const std::vector<BudgetName>& budgets) override {
    return budgets_.set(budgets);
  }

 private:
  std::array<prometheus::Gauge*, kAllBreakerStates.size()> states_{};
  prometheus::Counter& opened_;
  prometheus::Counter& throttled_seconds_;
  prometheus::Gauge& concurrency_limit_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& certificate_expires_;
  BudgetsSeries budgets_;
};

}  // namespace sluice::telemetry
