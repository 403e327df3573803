// The metrics of a target's budgets, which a reload may change. Private to telemetry.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "telemetry/metrics.h"
#include "telemetry/series_maker.h"

namespace sluice::telemetry {

class BudgetSeries final : public BudgetMetrics {
 public:
  BudgetSeries(const SeriesMaker& maker, const BudgetName& name)
      : maker_(maker),
        spent_(&maker_.make(kTargetBudgetSpent, {name.path, name.limit})),
        per_second_(&maker_.make(kTargetBudgetPerSecond, {name.path, name.limit})) {}

  void spent(std::size_t amount) override {
    const std::lock_guard lock(mutex_);
    if (spent_ != nullptr) spent_->Increment(static_cast<double>(amount));
  }
  void set_per_second(double may_spend) override {
    const std::lock_guard lock(mutex_);
    if (per_second_ != nullptr) per_second_->Set(may_spend);
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    maker_.remove(kTargetBudgetSpent, std::exchange(spent_, nullptr));
    maker_.remove(kTargetBudgetPerSecond, std::exchange(per_second_, nullptr));
  }

 private:
  const SeriesMaker maker_;
  std::mutex mutex_;
  prometheus::Counter* spent_;  // null, as the next: forgotten
  prometheus::Gauge* per_second_;
};

// All budgets of one target. Thread-safe.
class BudgetsSeries {
 public:
  explicit BudgetsSeries(SeriesMaker maker) : maker_(std::move(maker)) {}

  std::vector<std::shared_ptr<BudgetMetrics>> set(const std::vector<BudgetName>& names) {
    const std::lock_guard lock(mutex_);
    std::map<BudgetName, std::shared_ptr<BudgetSeries>> now;
    std::vector<std::shared_ptr<BudgetMetrics>> asked_for;
    for (const BudgetName& name : names) {
      auto known = budgets_.extract(name);
      auto series =
          known ? std::move(known.mapped()) : std::make_shared<BudgetSeries>(maker_, name);
      asked_for.push_back(series);
      now.emplace(name, std::move(series));
    }
    for (const auto& [name, gone] : budgets_) gone->forget();
    budgets_ = std::move(now);
    return asked_for;
  }

 private:
  const SeriesMaker maker_;
  std::mutex mutex_;
  std::map<BudgetName, std::shared_ptr<BudgetSeries>> budgets_;
};

}  // namespace sluice::telemetry
