#include <gtest/gtest.h>

#include <thread>

#include "base/system_clock.h"
#include "deliver/pipeline_admission.h"
#include "unit/deliver/gate_fixture.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using GateBreakersTest = GateFixture;

TEST_F(GateBreakersTest, EachBreakerOpensForWhatIsItsOwn) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  send(0, judged(Verdict::misconfigured));
  EXPECT_EQ(reason(0), StallReason::misconfigured);
  EXPECT_EQ(reason(1), StallReason::flowing) << "other paths go on";
  send(1, judged(Verdict::unauthorized));
  EXPECT_EQ(reason(1), StallReason::unauthorized);
  clock_.advance(seconds(70));
  send(1, judged(Verdict::delivered));
  EXPECT_EQ(log_.count(telemetry::Event::breaker_opened), 2U);
  EXPECT_EQ(log_.count(telemetry::Event::breaker_closed), 1U);
  EXPECT_EQ(metrics_.opened, 1) << "of the target";
  send(0, judged(Verdict::rejected));
  EXPECT_EQ(reason(0), StallReason::flowing) << "a path that refuses records is there";
}

TEST_F(GateBreakersTest, AProbeIsSpentOnlyWhereAllAgree) {
  target_.rate_limit = {limit_of(1, seconds(200))};
  add_pipeline("a", "/a");
  make();
  clock_.advance(seconds(250));
  send(0, judged(Verdict::unauthorized));
  clock_.advance(seconds(70));
  EXPECT_EQ(reason(0), StallReason::rate_limited);
  clock_.advance(seconds(250));
  const auto probe = ask(0);
  ASSERT_TRUE(probe.has_value());
  EXPECT_TRUE(probe->small);
}

TEST_F(GateBreakersTest, ProbesGoToTheWorkerWhoseLaneHasNotProbed) {
  add_pipeline("a", "/a");
  make();
  add_worker(0);
  send(0, judged(Verdict::unauthorized));
  EXPECT_FALSE(ask(0, 1));
  EXPECT_FALSE(ask(1, 2));
  clock_.advance(*gate_->status().next_at - clock_.wall_now());
  const auto probe = ask(0, 1);
  ASSERT_TRUE(probe.has_value());
  answer(0, *probe, judged(Verdict::unauthorized));
  EXPECT_EQ(workers_[1]->woken, 1);
  EXPECT_FALSE(ask(0, 1));
  const auto other = ask(1, 2);
  ASSERT_TRUE(other.has_value());
  answer(1, *other, judged(Verdict::delivered));
  EXPECT_GE(workers_[0]->woken, 1) << "the way is free";
  EXPECT_TRUE(ask(0, 1));
}

TEST_F(GateBreakersTest, AProbeGoesThoughRequestsFromBeforeHang) {
  target_.concurrency = {1, 8, true};
  target_.circuit_breaker.failures = 1;
  add_pipeline("a", "/a");
  make();
  fill_twice();
  const auto failing = ask(0, 1);
  for (LaneId lane = 2; lane <= 4; ++lane) ASSERT_TRUE(ask(0, lane));
  answer(0, *failing, judged(Verdict::retry));
  EXPECT_EQ(metrics_.concurrency, 2U) << "and three are under way";
  EXPECT_EQ(gate_->open_now(0), 1U);
  EXPECT_TRUE(ask(0, 9));
}

TEST_F(GateBreakersTest, ALaneThatSomethingElseHoldsKeepsNobodyFromProbing) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  users_[0].refusal_guard = {1, 1};
  make();
  send(1, judged(Verdict::unauthorized));
  EXPECT_FALSE(ask(0, 1));
  EXPECT_FALSE(ask(1, 2));
  at(0).judged(0, 1, clock_.now());
  EXPECT_EQ(reason(0, 1), StallReason::refusal_guard);
  EXPECT_EQ(gate_->open_now(1), 1U);
  answer(1, *ask(1, 2), judged(Verdict::unauthorized));
  EXPECT_TRUE(ask(1, 2));
}

TEST_F(GateBreakersTest, AResetIsOfAllBreakersAndOfNoGuard) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  users_[1].refusal_guard = {1, 1};
  make();
  EXPECT_EQ(gate_->reset_breakers(), 0U);
  send(0, judged(Verdict::misconfigured));
  EXPECT_EQ(reason(0), StallReason::misconfigured);
  at(1).judged(0, 1, clock_.now());
  EXPECT_EQ(gate_->reset_breakers(), 1U) << "of a pipeline";
  EXPECT_GE(workers_[0]->woken, 1);
  EXPECT_EQ(reason(0), StallReason::flowing) << "it probes";
  EXPECT_EQ(reason(1), StallReason::refusal_guard);
  answer(0, *ask(0), judged(Verdict::delivered));
  send(0, judged(Verdict::unauthorized));
  EXPECT_EQ(gate_->reset_breakers(), 1U) << "of the target";
  EXPECT_TRUE(ask(0));
}

// Run with the thread sanitizer, too.
TEST_F(GateBreakersTest, HasOneProbeForAllWorkersTogether) {
  const SystemClock clock;
  target_.circuit_breaker.open_for = milliseconds(1);
  target_.circuit_breaker.max_open_for = milliseconds(1);
  add_pipeline("a", "/a");
  make();
  std::vector<std::unique_ptr<PipelineAdmission>> admissions;
  std::atomic<int> woken = 0;
  for (int i = 0; i < 4; ++i) {
    admissions.push_back(
        std::make_unique<PipelineAdmission>(AdmissionParts{*gate_, 0}, [&] { ++woken; }));
  }
  std::atomic<int> let_through = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < admissions.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const LaneId lane = t * 10 + static_cast<LaneId>(i % 3);
        const auto pass = admissions[t]->ask(lane, {1, 1}, clock.now());
        if (!pass) continue;
        ++let_through;
        const auto verdict =
            (i + static_cast<int>(t)) % 7 == 0 ? Verdict::delivered : Verdict::retry;
        admissions[t]->answered(*pass, judged(verdict), Blame::target, nullptr, clock.now(),
                                clock.now());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(let_through, 0);
  EXPECT_EQ(gate_->status().in_flight, 0U);
}

TEST_F(GateBreakersTest, AnotherCredentialIsTriedAtOnce) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  send(1, judged(Verdict::misconfigured));
  send(0, judged(Verdict::unauthorized));
  EXPECT_EQ(reason(0), StallReason::unauthorized);
  workers_[0]->woken = 0;
  gate_->credential_moved();
  EXPECT_EQ(workers_[0]->woken, 1);
  EXPECT_EQ(reason(0), StallReason::flowing);
  EXPECT_EQ(reason(1), StallReason::misconfigured) << "that has nothing to do with it";
}

TEST_F(GateBreakersTest, WithoutACredentialNothingGoes) {
  add_pipeline("a", "/a");
  make();
  gate_->hold("no token yet");
  const auto closed = ask(0);
  ASSERT_FALSE(closed.has_value());
  EXPECT_EQ(closed.error().reason, StallReason::unauthorized);
  EXPECT_EQ(closed.error().detail, "no token yet");
  EXPECT_EQ(gate_->status().detail, "no token yet");
  workers_[0]->woken = 0;
  gate_->hold(std::nullopt);
  EXPECT_EQ(workers_[0]->woken, 1);
  EXPECT_EQ(reason(0), StallReason::flowing);
  EXPECT_EQ(gate_->status().reason, StallReason::flowing);
}

TEST_F(GateBreakersTest, APipelineThatIsMadeAnewHasABreakerOfItsOwn) {
  add_pipeline("a", "/a");
  make();
  send(0, judged(Verdict::misconfigured));
  EXPECT_EQ(reason(0), StallReason::misconfigured);
  workers_[0]->admission.reset();
  gate_->remove_pipeline(0);
  EXPECT_EQ(gate_->add_pipeline(users_[0]), 0U) << "in the same place";
  add_worker(0);
  EXPECT_EQ(reason(1), StallReason::flowing);
  EXPECT_EQ(gate_->add_pipeline(users_[0]), 1U);
}

TEST_F(GateBreakersTest, SaysWhatKeepsAllRequestsBackToWhoAsksForNone) {
  using std::chrono::minutes;
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  const auto why = [&](std::size_t worker) {
    const auto closed = at(worker).closed_by(clock_.now());
    return closed ? closed->reason : StallReason::flowing;
  };
  EXPECT_EQ(why(0), StallReason::flowing);
  send(0, judged(Verdict::misconfigured));
  EXPECT_EQ(why(0), StallReason::misconfigured) << "its path";
  EXPECT_EQ(why(1), StallReason::flowing);
  send(1, judged(Verdict::unauthorized));
  EXPECT_EQ(why(1), StallReason::unauthorized) << "the target";
  EXPECT_GE(at(1).closed_by(clock_.now())->until, clock_.now() + seconds(60)) << "the probe";
  clock_.advance(minutes(2));
  EXPECT_EQ(why(1), StallReason::unauthorized) << "not before a probe has shown it";
  EXPECT_EQ(at(1).closed_by(clock_.now())->until, clock_.now());
  send(1, judged(Verdict::delivered));
  EXPECT_EQ(why(1), StallReason::flowing);
  send(1, judged(Verdict::throttled));
  EXPECT_EQ(why(1), StallReason::throttled);
  clock_.advance(minutes(2));
  EXPECT_EQ(why(1), StallReason::flowing);
  gate_->hold("no token yet");
  EXPECT_EQ(why(1), StallReason::unauthorized);
  EXPECT_EQ(at(1).closed_by(clock_.now())->detail, "no token yet");
  gate_->hold(std::nullopt);
  EXPECT_EQ(why(1), StallReason::flowing);
}

}  // namespace
}  // namespace sluice::deliver
