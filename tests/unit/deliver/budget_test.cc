#include "deliver/budget.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class BudgetTest : public testing::Test {
 protected:
  std::optional<Budget::Refusal> ask() {
    const auto refusal = budget_.refusal({1, 1}, {}, clock_.now());
    if (!refusal) budget_.take({1, 1});
    return refusal;
  }

  test::FakeClock clock_;
  SeededRandom random_{1};
  Budget budget_{{}, 1, random_, clock_.now()};
};

TEST_F(BudgetTest, WaitsAsLongAsTheTargetAsked) {
  EXPECT_EQ(budget_.throttle(seconds(5), "429", clock_.now()), seconds(5));
  const auto refusal = ask();
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, StallReason::throttled);
  EXPECT_EQ(refusal->detail, "429");
  EXPECT_EQ(refusal->until, clock_.now() + seconds(5));
  clock_.advance(seconds(5));
  EXPECT_FALSE(ask());
}

TEST_F(BudgetTest, AShorterWaitDoesNotShortenALongerOne) {
  budget_.throttle(seconds(60), "429", clock_.now());
  EXPECT_EQ(budget_.throttle(seconds(5), "429", clock_.now()), Duration::zero());
  EXPECT_EQ(ask()->until, clock_.now() + seconds(60));
}

TEST_F(BudgetTest, WithoutATimeItsOwnWaitGrowsUntilARequestIsNotTooMuch) {
  Duration longest{};
  for (int i = 0; i < 100; ++i) {
    const std::optional<Duration> asked = i % 2 == 0 ? std::nullopt : std::optional(Duration{});
    const Duration wait = budget_.throttle(asked, "429", clock_.now());
    EXPECT_LE(wait, minutes(1));
    longest = std::max(longest, wait);
    clock_.advance(wait);
  }
  EXPECT_GT(longest, seconds(30));
  budget_.answered();
  EXPECT_LE(budget_.throttle(std::nullopt, "429", clock_.now()), seconds(1));
}

TEST_F(BudgetTest, SendsNoMoreThanTheHeadersSayUntilTheReset) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(ask());
  budget_.returned();
  budget_.allow({5, seconds(30)}, clock_.now(), clock_.now());  // two are under way
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(ask()) << i;
  const auto refusal = ask();
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, StallReason::throttled);
  EXPECT_EQ(refusal->until, clock_.now() + seconds(1)) << "an answer may come that says more";
  for (int i = 0; i < 5; ++i) budget_.returned();
  EXPECT_EQ(ask()->until, clock_.now() + seconds(30));
  clock_.advance(seconds(30));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(ask());
}

TEST_F(BudgetTest, AnAnswerThatWasOvertakenGrantsNothingAnew) {
  const Instant sent = clock_.now();
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(ask());
  for (const unsigned rest : {2U, 1U, 0U, 3U}) {  // the answer to the first comes last
    clock_.advance(milliseconds(1));
    budget_.returned();
    budget_.allow({rest, seconds(30)}, sent, clock_.now());
  }
  EXPECT_TRUE(ask());
  clock_.advance(seconds(30));
  EXPECT_FALSE(ask());
}

TEST_F(BudgetTest, NorDoesOneThatManyHaveOvertaken) {
  const Instant sent = clock_.now();
  EXPECT_FALSE(ask());
  for (std::uint64_t rest = 18; rest > 1; --rest) {
    EXPECT_FALSE(ask());
    const Instant sent_later = clock_.now();
    clock_.advance(milliseconds(1));
    budget_.returned();
    budget_.allow({rest, seconds(30)}, sent_later, clock_.now());
  }
  budget_.returned();
  budget_.allow({19, seconds(30)}, sent, clock_.now());
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(ask()) << "it was counted first: two are left";
  EXPECT_TRUE(ask());
}

TEST_F(BudgetTest, TheNextWindowIsNoAnswerThatWasOvertaken) {
  const Instant sent = clock_.now();
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(ask());
  for (const unsigned rest : {0U, 40U}) {
    clock_.advance(milliseconds(1));
    budget_.returned();
    budget_.allow({rest, seconds(30)}, sent, clock_.now());
  }
  EXPECT_FALSE(ask());
}

TEST_F(BudgetTest, ALaterAnswerKnowsBetter) {
  budget_.allow({0, seconds(30)}, clock_.now(), clock_.now());
  EXPECT_TRUE(ask());
  clock_.advance(milliseconds(1));
  budget_.allow({1, seconds(30)}, clock_.now(), clock_.now());
  EXPECT_FALSE(ask());
  EXPECT_TRUE(ask());
}

}  // namespace
}  // namespace sluice::deliver
