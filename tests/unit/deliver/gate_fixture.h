// Workers at the gate of a target.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "deliver/pipeline_admission.h"
#include "support/fake_clock.h"
#include "support/test_log.h"

namespace sluice::deliver {

class FakeMetrics final : public telemetry::TargetMetrics {
 public:
  void set_breaker(telemetry::BreakerState) override {}
  void breaker_opened() override { ++opened; }
  void throttled(Duration how_long) override { throttled_for += how_long; }
  void set_concurrency(std::size_t limit, std::size_t) override { concurrency = limit; }

  void set_certificate_expires(std::optional<WallTime>) override {}
  std::vector<std::shared_ptr<telemetry::BudgetMetrics>> set_budgets(
      const std::vector<telemetry::BudgetName>& names) override {
    std::vector<std::shared_ptr<telemetry::BudgetMetrics>> shown;
    for (const auto& name : names) {
      budgets[{name.path, name.limit}] = std::make_shared<Budget>();
      shown.push_back(budgets.at({name.path, name.limit}));
    }
    return shown;
  }

  struct Budget final : telemetry::BudgetMetrics {
    void spent(std::size_t amount) override { total += amount; }
    void set_per_second(double may_spend) override { per_second = may_spend; }
    std::size_t total = 0;
    double per_second = -1;
  };

  std::atomic<int> opened = 0;
  Duration throttled_for{};
  std::atomic<std::size_t> concurrency = 0;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Budget>> budgets;  // path, limit
};

inline Judgement judged(Verdict verdict) {
  Judgement judgement;
  judgement.verdict = verdict;
  judgement.detail = "as the test says";
  return judgement;
}

inline config::RateLimit limit_of(std::uint64_t requests, Duration per,
                                  const std::string& path = {}) {
  config::RateLimit limit;
  limit.limit = requests;
  limit.per = per;
  limit.path = path;
  return limit;
}

class GateFixture : public testing::Test {
 protected:
  struct Worker {
    std::unique_ptr<PipelineAdmission> admission;
    int woken = 0;
  };

  GateFixture() {
    target_.name = "api";
    target_.concurrency = {8, 8, true};
  }

  void add_pipeline(const std::string& name, const std::string& path) {
    config::Pipeline pipeline;
    pipeline.name = name;
    pipeline.path = path;
    users_.push_back(pipeline);
  }
  // A worker for each pipeline, in its order.
  void make() {
    gate_ = std::make_unique<TargetGate>(target_, users_, 1, clock_, metrics_, log_);
    for (const auto& user : users_) gate_->add_pipeline(user);
    for (std::size_t i = 0; i < users_.size(); ++i) add_worker(i);
  }
  void add_worker(TargetGate::PipelineId pipeline) {
    auto worker = std::make_unique<Worker>();
    worker->admission = std::make_unique<PipelineAdmission>(AdmissionParts{*gate_, pipeline},
                                                            [raw = worker.get()] { ++raw->woken; });
    workers_.push_back(std::move(worker));
  }
  PipelineAdmission& at(std::size_t worker) { return *workers_[worker]->admission; }
  auto ask(std::size_t worker, LaneId lane = 1) {
    return at(worker).ask(lane, {1, 10}, clock_.now());
  }
  StallReason reason(std::size_t worker, LaneId lane = 1) {
    const auto pass = ask(worker, lane);
    if (!pass) return pass.error().reason;
    at(worker).cancelled(*pass);
    return StallReason::flowing;
  }
  void answer(std::size_t worker, const Pass& pass, const Judgement& judgement,
              Blame blame = Blame::target, const http::Answer* answer = nullptr) {
    at(worker).answered(pass, judgement, blame, answer, clock_.now(), clock_.now());
  }
  // Two round trips of as many requests as may go.
  void fill_twice() {
    for (int i = 0; i < 2; ++i) {
      std::vector<Pass> passes;
      for (LaneId lane = 1; const auto pass = ask(0, lane); ++lane) passes.push_back(*pass);
      for (const Pass& pass : passes) answer(0, pass, judged(Verdict::delivered));
    }
  }
  void send(std::size_t worker, const Judgement& judgement) {
    const auto pass = ask(worker);
    ASSERT_TRUE(pass.has_value());
    answer(worker, *pass, judgement);
  }

  test::FakeClock clock_;
  test::TestLog log_;
  FakeMetrics metrics_;
  config::Target target_;
  std::vector<config::Pipeline> users_;
  std::unique_ptr<TargetGate> gate_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sluice::deliver
