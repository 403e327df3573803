#include "deliver/breaker.h"

#include <gtest/gtest.h>

#include <set>

#include "deliver/backoff.h"
#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Permit = Breaker::Permit;
using State = Breaker::State;

// Jitter that is always the same share of its bound.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(double unit) : unit_(unit) {}
  double next_unit() override { return unit_; }

 private:
  double unit_;
};

class BreakerTest : public testing::Test {
 protected:
  std::optional<Permit> ask(LaneId lane = 1) {
    if (!breaker_.may_go(lane, clock_.now())) return std::nullopt;
    return breaker_.take(lane);
  }
  void fail(int times, LaneId lane = 1) {
    for (int i = 0; i < times; ++i) {
      const auto permit = ask(lane);
      ASSERT_TRUE(permit.has_value());
      breaker_.failed(*permit, Blame::target, clock_.now());
    }
  }
  void succeed(int times) {
    for (int i = 0; i < times; ++i) {
      const auto permit = ask();
      ASSERT_TRUE(permit.has_value());
      breaker_.succeeded(*permit, clock_.now());
    }
  }
  void wait_until_half_open() { clock_.advance(breaker_.open_until() - clock_.now()); }

  test::FakeClock clock_;
  FixedRandom random_{0};
  config::CircuitBreaker limits_;
  Breaker breaker_{limits_, random_};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  fail(4);
  succeed(1);
  fail(4);
  EXPECT_EQ(breaker_.state(), State::closed);
  fail(1);
  EXPECT_EQ(breaker_.state(), State::open);
  EXPECT_FALSE(ask());
}

TEST_F(BreakerTest, OpensWhenHalfOfEnoughAttemptsFail) {
  for (int i = 0; i < 9; ++i) {
    fail(1);
    succeed(1);
  }
  fail(1);
  EXPECT_EQ(breaker_.state(), State::closed) << "19 attempts are too few to tell";
  fail(1);
  EXPECT_EQ(breaker_.state(), State::open);
}

TEST_F(BreakerTest, ForgetsWhatIsOlderThanItsWindow) {
  for (int i = 0; i < 9; ++i) {
    fail(1);
    succeed(1);
  }
  clock_.advance(limits_.window + seconds(1));
  fail(2);
  EXPECT_EQ(breaker_.state(), State::closed);
}

TEST_F(BreakerTest, SpendsNothingWhileOpenHoweverLongTheOutage) {
  fail(5);
  int requests = 0;
  for (int second = 0; second < 10 * 3600; ++second) {
    clock_.advance(seconds(1));
    const auto permit = ask();
    if (!permit) continue;
    ++requests;
    breaker_.failed(*permit, Blame::target, clock_.now());
  }
  // 60 s, 2, 4, 8 minutes, then every 10: three probes each.
  EXPECT_LE(requests, 3 * (4 + 60));
  EXPECT_GT(requests, 3 * 50);
}

TEST_F(BreakerTest, LetsOneProbeThroughAtATimeAndTheFirstSuccessCloses) {
  fail(5);
  wait_until_half_open();
  const auto probe = ask(1);
  ASSERT_TRUE(probe && probe->probe);
  EXPECT_FALSE(ask(2));
  breaker_.succeeded(*probe, clock_.now());
  EXPECT_EQ(breaker_.state(), State::closed);
  EXPECT_FALSE(ask(2)->probe);
}

TEST_F(BreakerTest, OnlyTheFirstProbeOfAHalfOpenPeriodIsSmall) {
  fail(5);
  for (int period = 0; period < 2; ++period) {
    wait_until_half_open();
    for (std::uint32_t i = 0; i < limits_.probes; ++i) {
      const auto probe = ask();
      ASSERT_TRUE(probe && probe->probe);
      EXPECT_EQ(probe->small, i == 0);
      breaker_.failed(*probe, Blame::target, clock_.now());
    }
    EXPECT_EQ(breaker_.state(), State::open) << "exactly so many probes";
  }
}

TEST_F(BreakerTest, ProbesGoAroundTheLanesThatWait) {
  fail(5);
  for (LaneId lane = 1; lane <= 4; ++lane) EXPECT_FALSE(ask(lane));
  wait_until_half_open();
  fail(1, 1);
  EXPECT_FALSE(ask(1)) << "others wait that have not probed";
  EXPECT_EQ(breaker_.next_to_probe(), 2U);
  fail(1, 3);
  fail(1, 4);
  ASSERT_EQ(breaker_.state(), State::open);
  for (LaneId lane = 1; lane <= 4; ++lane) EXPECT_FALSE(ask(lane));
  wait_until_half_open();
  EXPECT_FALSE(ask(4)) << "an outage has one round, however often it opens";
  fail(1, 2);
  fail(1, 4);
  EXPECT_FALSE(ask(4)) << "a new round, in which 1 to 3 have not probed";
}

TEST_F(BreakerTest, ALaneThatIsGoneOrSilentKeepsNobodyFromProbing) {
  fail(5);
  EXPECT_FALSE(ask(1));
  EXPECT_FALSE(ask(2));
  EXPECT_FALSE(ask(3));
  wait_until_half_open();
  fail(1, 1);
  breaker_.forget(2);
  EXPECT_FALSE(ask(1)) << "3 waits";
  clock_.advance(seconds(3));
  EXPECT_TRUE(ask(1)) << "3 had two seconds to come";
}

TEST_F(BreakerTest, AProbeThatFailedForItsRecordIsSpentButGrowsNoOpenTime) {
  fail(5);
  wait_until_half_open();
  for (std::uint32_t i = 0; i < limits_.probes; ++i) {
    breaker_.failed(*ask(), Blame::record, clock_.now());
  }
  ASSERT_EQ(breaker_.state(), State::open) << "or it would be a loop";
  EXPECT_EQ(breaker_.open_until() - clock_.now(), limits_.open_for);
  wait_until_half_open();
  breaker_.failed(*ask(), Blame::record, clock_.now());
  fail(2);
  EXPECT_EQ(breaker_.open_until() - clock_.now(), 2 * limits_.open_for);
}

TEST_F(BreakerTest, ARecordThatFailsAloneOpensNothing) {
  for (int i = 0; i < 100; ++i) breaker_.failed(*ask(), Blame::record, clock_.now());
  EXPECT_EQ(breaker_.state(), State::closed);
}

TEST_F(BreakerTest, OpenTimeGrowsToItsBoundAndStartsAnewAfterASuccess) {
  fail(5);
  Duration expected = limits_.open_for;
  for (int round = 0; round < 8; ++round) {
    EXPECT_EQ(breaker_.open_until() - clock_.now(), expected);
    clock_.advance(expected);
    fail(static_cast<int>(limits_.probes));
    expected = std::min<Duration>(2 * expected, limits_.max_open_for);
  }
  clock_.advance(limits_.max_open_for);
  succeed(1);
  fail(5);
  EXPECT_EQ(breaker_.open_until() - clock_.now(), limits_.open_for);
}

TEST_F(BreakerTest, JitterAddsUpToATenth) {
  FixedRandom most(0.999999);
  Breaker breaker(limits_, most);
  ASSERT_TRUE(breaker.may_go(1, clock_.now()));
  breaker.tripped(breaker.take(1), clock_.now());
  EXPECT_GT(breaker.open_until() - clock_.now(), seconds(65));
  EXPECT_LE(breaker.open_until() - clock_.now(), seconds(66));
}

TEST_F(BreakerTest, OneAnswerCanTripIt) {
  breaker_.tripped(*ask(), clock_.now());
  EXPECT_EQ(breaker_.state(), State::open);
}

TEST_F(BreakerTest, AnswersToRequestsFromBeforeItOpenedChangeNothing) {
  std::vector<Permit> early;
  for (int i = 0; i < 7; ++i) early.push_back(*ask());
  fail(5);
  const Instant until = breaker_.open_until();
  breaker_.failed(early[0], Blame::target, clock_.now());
  breaker_.succeeded(early[1], clock_.now());
  EXPECT_EQ(breaker_.state(), State::open);
  EXPECT_EQ(breaker_.open_until(), until);
  wait_until_half_open();
  succeed(1);
  for (std::size_t i = 2; i < 7; ++i) breaker_.failed(early[i], Blame::target, clock_.now());
  EXPECT_EQ(breaker_.state(), State::closed) << "they hung since before the outage";
}

TEST_F(BreakerTest, AProbeThatWasCancelledComesBack) {
  fail(5);
  wait_until_half_open();
  for (int i = 0; i < 10; ++i) breaker_.released(*ask());
  fail(3);
  EXPECT_EQ(breaker_.state(), State::open) << "and did not count among the three";
}

TEST_F(BreakerTest, AnOperatorCanEndTheOpenTime) {
  EXPECT_FALSE(breaker_.end_open_time());
  fail(5);
  EXPECT_FALSE(ask());
  EXPECT_TRUE(breaker_.end_open_time());
  EXPECT_TRUE(ask()->probe);
}

TEST(BackoffTest, GrowsToItsBoundWithFullJitter) {
  FixedRandom most(0.5);
  Backoff backoff({std::chrono::milliseconds(200), seconds(30), 2}, most);
  EXPECT_EQ(backoff.next(), std::chrono::milliseconds(100));
  EXPECT_EQ(backoff.next(), std::chrono::milliseconds(200));
  EXPECT_EQ(backoff.next(), std::chrono::milliseconds(400));
  for (int i = 0; i < 2000; ++i) EXPECT_LE(backoff.next(), seconds(15));
  EXPECT_EQ(backoff.next(), seconds(15));
  backoff.reset();
  EXPECT_EQ(backoff.next(), std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace sluice::deliver
