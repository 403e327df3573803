// What metrics and /status show of a gate.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "config/rate_limit.h"
#include "deliver/target_gate.h"

namespace sluice::deliver {
namespace {

// Two that read the same are told apart by a number.
std::vector<telemetry::BudgetName> names_of(const std::vector<config::RateLimit>& limits) {
  std::vector<telemetry::BudgetName> names;
  for (const auto& limit : limits) {
    telemetry::BudgetName name{limit.path, config::text_of(limit)};
    const std::string text = name.limit;
    for (int i = 2; std::find(names.begin(), names.end(), name) != names.end(); ++i) {
      name.limit = text + " (" + std::to_string(i) + ")";
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

void TargetGate::show_budgets() {
  const auto names = names_of(limits_);
  const auto shown = metrics_.set_budgets(names);
  std::map<std::string, RateBudget::Shown> by_path;
  for (std::size_t i = 0; i < names.size(); ++i) by_path[names[i].path].push_back(shown[i]);
  const std::lock_guard lock(mutex_);
  scopes_.front().budget.show_at(by_path[""]);
  for (auto& [path, scope] : paths_) scope->budget.show_at(by_path[path]);
}

// In the order of the configuration. Under the mutex.
std::vector<telemetry::BudgetStatus> TargetGate::budgets(Instant now) const {
  std::map<std::string, std::vector<double>> used;  // of each path's limits, in their order
  used[""] = scopes_.front().budget.used(now);
  for (const auto& [path, scope] : paths_) used[path] = scope->budget.used(now);
  std::map<std::string, std::size_t> next;
  std::vector<telemetry::BudgetStatus> budgets;
  for (const auto& name : names_of(limits_)) {
    budgets.push_back({name.path, name.limit, used.at(name.path).at(next[name.path]++)});
  }
  return budgets;
}

std::optional<TargetGate::Closed> TargetGate::closed_by(MemberId member, Instant now) const {
  const std::lock_guard lock(mutex_);
  if (hold_) return Closed{now, StallReason::unauthorized, *hold_};
  const Pipeline& pipeline = pipelines_[members_.at(member).pipeline];
  for (const Circuit* circuit : {&pipeline.circuit, &circuit_}) {
    const Breaker& breaker = circuit->breaker;
    if (breaker.state() == Breaker::State::closed) continue;
    return Closed{std::max(now, breaker.open_until()), circuit->reason, circuit->detail};
  }
  if (pipeline.guard && pipeline.guard->closed()) {
    return Closed{now, StallReason::refusal_guard, guard_detail(pipeline)};
  }
  for (const Scope* scope : {static_cast<const Scope*>(pipeline.path), &scopes_.front()}) {
    if (scope == nullptr || now >= scope->budget.throttled_until()) continue;
    return Closed{scope->budget.throttled_until(), StallReason::throttled,
                  scope->budget.throttled_by()};
  }
  return std::nullopt;
}

}  // namespace sluice::deliver
