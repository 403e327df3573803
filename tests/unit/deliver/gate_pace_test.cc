#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "deliver/pipeline_admission.h"
#include "unit/deliver/gate_fixture.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

using GatePaceTest = GateFixture;

TEST_F(GatePaceTest, RampsUpFromMinAfterAnOutageAndAThrottle) {
  target_.concurrency = {1, 8, true};
  add_pipeline("a", "/a");
  make();
  fill_twice();
  EXPECT_EQ(metrics_.concurrency, 4U);
  send(0, judged(Verdict::throttled));
  EXPECT_EQ(metrics_.concurrency, 1U);
  EXPECT_EQ(reason(0), StallReason::throttled);
  EXPECT_GT(metrics_.throttled_for, Duration::zero());
  clock_.advance(minutes(1));
  fill_twice();
  send(0, judged(Verdict::unauthorized));
  clock_.advance(minutes(2));
  send(0, judged(Verdict::delivered));
  EXPECT_EQ(metrics_.concurrency, 1U);
  const auto pass = ask(0, 1);
  EXPECT_EQ(ask(0, 2).error().reason, StallReason::flowing);
  answer(0, *pass, judged(Verdict::delivered));
  EXPECT_EQ(workers_[0]->woken, 0) << "who calls is awake";
}

TEST_F(GatePaceTest, ARequestThatHangsKeepsTheOthersWaitingForASecondOnly) {
  target_.concurrency = {1, 2, true};
  add_pipeline("a", "/a");
  make();
  const auto hangs = ask(0, 1);
  clock_.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(ask(0, 2).error().reason, StallReason::flowing) << "no room, and no trouble";
  EXPECT_LE(ask(0, 2).error().until, clock_.now() + seconds(1));
  clock_.advance(std::chrono::milliseconds(1));
  const auto other = ask(0, 2);
  ASSERT_TRUE(other);
  clock_.advance(minutes(1));
  EXPECT_FALSE(ask(0, 3)) << "max is max";
  answer(0, *other, judged(Verdict::delivered));
  EXPECT_TRUE(ask(0, 3));
}

TEST_F(GatePaceTest, APlaceThatIsKeptForAnIdlePipelineDoesNotKeepTheLimitDown) {
  target_.concurrency = {1, 8, true};
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  at(0).set_partitions(1, 1, clock_.now());
  at(1).set_partitions(1, 1, clock_.now());
  for (int i = 0; i < 4; ++i) fill_twice();
  EXPECT_EQ(metrics_.concurrency, 8U);
}

TEST_F(GatePaceTest, ManyIdlePipelinesLeaveTheBusyOneHalfOfTheRoom) {
  target_.concurrency = {8, 8, true};
  for (char name = 'a'; name <= 'h'; ++name) add_pipeline({name}, std::string("/") + name);
  make();
  for (std::size_t i = 0; i < 8; ++i) at(i).set_partitions(1, 1, clock_.now());
  for (LaneId lane = 1; lane <= 4; ++lane) EXPECT_TRUE(ask(0, lane)) << lane;
  EXPECT_FALSE(ask(0, 5));
  for (std::size_t other = 1; other <= 4; ++other) EXPECT_TRUE(ask(other)) << other;
}

TEST_F(GatePaceTest, AThrottleClosesThePathWhereThatHasABudget) {
  target_.rate_limit = {limit_of(1000, seconds(1), "/a")};
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  clock_.advance(seconds(1));
  auto too_much = judged(Verdict::throttled);
  too_much.retry_after = seconds(30);
  send(0, too_much);
  EXPECT_EQ(reason(0), StallReason::throttled);
  EXPECT_EQ(reason(1), StallReason::flowing);
  send(1, too_much);
  EXPECT_EQ(reason(1), StallReason::throttled);
  EXPECT_EQ(gate_->open_now(1), 0U) << "what the target asked for stays";
  clock_.advance(seconds(30));
  EXPECT_EQ(reason(0), StallReason::flowing);
  EXPECT_EQ(reason(1), StallReason::flowing);
}

TEST_F(GatePaceTest, ObeysRateLimitHeadersUnlessTheyAreOff) {
  for (const bool obeys : {true, false}) {
    target_.rate_limit_headers = obeys;
    users_.clear();
    workers_.clear();
    add_pipeline("a", "/a");
    make();
    const http::Answer answer_to{200, {{"ratelimit", R"("x";r=0;t=10)"}}, ""};
    answer(0, *ask(0), judged(Verdict::delivered), Blame::target, &answer_to);
    EXPECT_EQ(reason(0), obeys ? StallReason::throttled : StallReason::flowing);
  }
}

TEST_F(GatePaceTest, EachPipelineCanHaveARequestUnderWay) {
  target_.concurrency = {3, 3, true};
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  at(0).set_partitions(1, 1, clock_.now());
  at(1).set_partitions(1, 1, clock_.now());
  EXPECT_TRUE(ask(0, 1));
  EXPECT_TRUE(ask(0, 2));
  EXPECT_FALSE(ask(0, 3)) << "the last place is for b";
  const auto of_b = ask(1, 4);
  ASSERT_TRUE(of_b.has_value());
  answer(1, *of_b, judged(Verdict::delivered));
  EXPECT_EQ(workers_[0]->woken, 0) << "b may want it again";
  at(1).set_partitions(0, 1, clock_.now());
  EXPECT_EQ(workers_[0]->woken, 1);
  EXPECT_TRUE(ask(0, 3));
  EXPECT_EQ(workers_[1]->woken, 0);
}

// Both want to send all the time, and ask again when they were told to.
TEST_F(GatePaceTest, ABudgetIsDividedByTheWeights) {
  target_.rate_limit = {limit_of(100, seconds(1))};
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  users_[0].weight = 3;
  make();
  std::array<int, 2> sent{};
  std::array<Instant, 2> ask_at{clock_.now(), clock_.now()};
  for (const Instant end = clock_.now() + seconds(20); clock_.now() < end;) {
    for (std::size_t worker = 2; worker-- > 0;) {
      if (clock_.now() < ask_at.at(worker)) continue;
      const auto pass = ask(worker);
      if (pass) answer(worker, *pass, judged(Verdict::delivered));
      if (pass) ++sent.at(worker);
      if (!pass) ask_at.at(worker) = pass.error().until;
    }
    clock_.advance(*std::min_element(ask_at.begin(), ask_at.end()) - clock_.now());
  }
  EXPECT_NEAR(sent[0] + sent[1], 20 * 81, 20) << "nothing of it is lost over turns";
  EXPECT_NEAR(sent[0], 3 * sent[1], 15);
}

TEST_F(GatePaceTest, ShowsWhatIsSpentOfEachLimitAndWhatMayBe) {
  target_.rate_limit = {limit_of(1000, seconds(1)), limit_of(60, minutes(1), "/b"),
                        limit_of(60, minutes(1), "/b")};
  target_.rate_limit[0].unit = config::RateUnit::records;
  add_pipeline("a", "/a");
  add_pipeline("b", "/b");
  make();
  clock_.advance(minutes(1));
  send(0, judged(Verdict::delivered));
  EXPECT_TRUE(metrics_.budgets.empty()) << "nobody has asked for them";
  gate_->show_budgets();
  const auto budget = [&](const char* path, const char* limit) {
    return *metrics_.budgets.at({path, limit});
  };
  EXPECT_EQ(metrics_.budgets.size(), 3U);
  // The safety is 90 %, a tenth of the rest may go at once.
  EXPECT_NEAR(budget("", "1000 records/1s").per_second, 810, 1e-6);
  EXPECT_GT(budget("/b", "60 requests/1m").per_second, 0.8);
  EXPECT_LT(budget("/b", "60 requests/1m").per_second, 0.9);
  const auto pass = at(1).ask(1, {5, 50}, clock_.now());
  ASSERT_TRUE(pass);
  EXPECT_EQ(budget("", "1000 records/1s").total, 5U);
  EXPECT_EQ(budget("/b", "60 requests/1m").total, 1U);
  EXPECT_EQ(budget("/b", "60 requests/1m (2)").total, 1U) << "the same again";
  at(1).cancelled(*pass);
  const auto used = gate_->status().budgets;
  ASSERT_EQ(used.size(), 3U);
  EXPECT_EQ(used[0].limit, "1000 records/1s");
  EXPECT_NEAR(used[0].used, 6.0 / 810, 1e-6) << "with what went before anybody asked";
  EXPECT_EQ(used[1].path, "/b");
  EXPECT_GT(used[1].used, 0);
  EXPECT_EQ(used[2].limit, "60 requests/1m (2)");
  clock_.advance(minutes(3));
  EXPECT_EQ(gate_->status().budgets[1].used, 0);
  send(0, judged(Verdict::delivered));
  EXPECT_EQ(budget("", "1000 records/1s").total, 6U);
  EXPECT_EQ(budget("/b", "60 requests/1m").total, 1U) << "of another path";
}

TEST_F(GatePaceTest, ShowsTheShareThatThisProcessHasOfALimit) {
  target_.rate_limit = {limit_of(1000, seconds(1))};
  target_.rate_limit[0].share_by_group = true;
  add_pipeline("a", "/a");
  make();
  gate_->show_budgets();
  const auto per_second = [&] { return metrics_.budgets.at({"", "1000 requests/1s"})->per_second; };
  EXPECT_EQ(per_second(), 0) << "it holds no partition";
  at(0).set_partitions(4, 4, clock_.now());
  EXPECT_NEAR(per_second(), 810, 1e-6);
  at(0).set_partitions(1, 4, clock_.now());
  EXPECT_NEAR(per_second(), 810.0 / 4, 1e-6);
}

}  // namespace
}  // namespace sluice::deliver
