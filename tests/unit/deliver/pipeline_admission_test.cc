#include "deliver/pipeline_admission.h"

#include <gtest/gtest.h>

#include "unit/deliver/gate_fixture.h"

namespace sluice::deliver {
namespace {

using std::chrono::seconds;

using PipelineAdmissionTest = GateFixture;

TEST_F(PipelineAdmissionTest, TheGuardStopsAPipelineUntilAnOperatorReleasesIt) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  users_[0].refusal_guard = {0.5, 10};
  make();
  for (int i = 0; i < 5; ++i) {
    const auto pass = ask(0);
    ASSERT_TRUE(pass.has_value());
    at(0).judged(0, 1, clock_.now());
    answer(0, *pass, judged(Verdict::rejected));
  }
  const auto closed = ask(0);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().reason, StallReason::refusal_guard);
  EXPECT_NE(closed.error().detail.find("5 of the last 5 records"), std::string::npos);
  EXPECT_NE(closed.error().detail.find("as the test says"), std::string::npos);
  EXPECT_EQ(log_.count(telemetry::Event::refusal_guard_closed), 1U);
  EXPECT_EQ(reason(1), StallReason::flowing);
  EXPECT_EQ(gate_->open_now(0), 1U);
  EXPECT_EQ(workers_[0]->woken, 1);
  EXPECT_EQ(reason(0), StallReason::flowing);
}

TEST_F(PipelineAdmissionTest, KnowsWhetherAnythingSentLaterWasDelivered) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  const Instant before = clock_.now();
  const auto early = ask(0);
  clock_.advance(seconds(1));
  const Instant failed = clock_.now();
  at(0).answered(*early, judged(Verdict::delivered), Blame::target, nullptr, before, failed);
  EXPECT_FALSE(at(0).delivered_after(failed)) << "it was on its way before";
  clock_.advance(seconds(1));
  send(1, judged(Verdict::delivered));
  EXPECT_TRUE(at(0).delivered_after(failed));
}

// A path that is down as a whole, beside others that are well.
TEST_F(PipelineAdmissionTest, AfterARecordWasGivenUpOnlyItsOwnPathIsANeighbour) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  const Instant failed = clock_.now();
  clock_.advance(seconds(1));
  send(1, judged(Verdict::delivered));
  at(0).gave_up();
  EXPECT_FALSE(at(0).delivered_after(failed));
  EXPECT_TRUE(at(1).delivered_after(failed)) << "it has given up nothing";
  send(0, judged(Verdict::delivered));
  EXPECT_TRUE(at(0).delivered_after(failed));
  const Instant later = clock_.now();
  clock_.advance(seconds(1));
  send(1, judged(Verdict::delivered));
  EXPECT_TRUE(at(0).delivered_after(later)) << "its path has answered since";
}

// The credential lacks the right to one path only.
TEST_F(PipelineAdmissionTest, APathThatIsForbiddenBesideOthersThatAreNotStandsStillAlone) {
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  http::Answer forbidden;
  forbidden.status = 403;
  const auto refuse = [&] {
    const auto pass = ask(0);
    ASSERT_TRUE(pass.has_value());
    answer(0, *pass, judged(Verdict::unauthorized), Blame::target, &forbidden);
  };
  refuse();
  EXPECT_EQ(reason(1), StallReason::unauthorized) << "it may be the credential as a whole";
  clock_.advance(seconds(70));
  send(1, judged(Verdict::delivered));
  refuse();
  EXPECT_EQ(reason(0), StallReason::unauthorized);
  EXPECT_EQ(reason(1), StallReason::flowing);
  clock_.advance(seconds(70));
  send(0, judged(Verdict::delivered));
  EXPECT_EQ(reason(0), StallReason::flowing);
  clock_.advance(seconds(1));
  refuse();
  EXPECT_EQ(reason(1), StallReason::unauthorized) << "its path was taken since";
}

TEST_F(PipelineAdmissionTest, WhoLeavesGivesEverythingBack) {
  target_.concurrency = {1, 1, true};
  add_pipeline("a", "/a");
  make();
  add_worker(0);
  send(0, judged(Verdict::unauthorized));
  EXPECT_FALSE(ask(1, 2));
  clock_.advance(seconds(70));
  EXPECT_TRUE(ask(0, 1)) << "a probe";
  EXPECT_FALSE(ask(1, 2));
  workers_[0]->admission.reset();
  EXPECT_EQ(workers_[1]->woken, 1);
  EXPECT_TRUE(ask(1, 2));
}

TEST_F(PipelineAdmissionTest, SaysHowTheTargetIs) {
  add_pipeline("a", "/a");
  make();
  send(0, judged(Verdict::unauthorized));
  EXPECT_FALSE(ask(0, 1));
  EXPECT_FALSE(ask(0, 2));
  auto status = gate_->status();
  EXPECT_EQ(status.breaker, telemetry::BreakerState::open);
  EXPECT_EQ(status.reason, StallReason::unauthorized);
  EXPECT_EQ(status.detail, "as the test says");
  EXPECT_EQ(status.since, clock_.wall_now());
  ASSERT_TRUE(status.next_at.has_value());
  EXPECT_GE(*status.next_at - clock_.wall_now(), seconds(60));
  EXPECT_EQ(status.waiting, 2U);
  clock_.advance(seconds(70));
  const auto probe = ask(0, 1);
  EXPECT_EQ(gate_->status().breaker, telemetry::BreakerState::half_open);
  EXPECT_EQ(gate_->status().in_flight, 1U);
  auto too_much = judged(Verdict::throttled);
  too_much.retry_after = seconds(30);
  answer(0, *probe, too_much);
  EXPECT_EQ(gate_->status().throttled_until, clock_.wall_now() + seconds(30));
}

}  // namespace
}  // namespace sluice::deliver
