#include "deliver/breaker.h"

#include <gtest/gtest.h>

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
  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.failed(breaker_.acquire(clock_.now()), clock_.now());
  }
  void succeed(int times) {
    for (int i = 0; i < times; ++i) {
      breaker_.succeeded(breaker_.acquire(clock_.now()), clock_.now());
    }
  }
  // Spends all probes of a half-open period.
  void fail_all_probes() {
    for (std::uint32_t i = 0; i < limits_.probes; ++i) {
      const Permit probe = breaker_.acquire(clock_.now());
      ASSERT_EQ(probe, Permit::probe);
      breaker_.failed(probe, clock_.now());
    }
  }

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
  EXPECT_EQ(breaker_.acquire(clock_.now()), Permit::none);
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
    const Permit permit = breaker_.acquire(clock_.now());
    if (permit == Permit::none) continue;
    ++requests;
    breaker_.failed(permit, clock_.now());
  }
  // 60 s, 2, 4, 8 minutes, then every 10: three probes each.
  EXPECT_LE(requests, 3 * (4 + 60));
  EXPECT_GT(requests, 3 * 50);
}

TEST_F(BreakerTest, LetsOneProbeThroughAtATimeAndTheFirstSuccessCloses) {
  fail(5);
  clock_.advance(limits_.open_for);
  const Permit probe = breaker_.acquire(clock_.now());
  EXPECT_EQ(probe, Permit::probe);
  EXPECT_EQ(breaker_.acquire(clock_.now()), Permit::none);
  breaker_.succeeded(probe, clock_.now());
  EXPECT_EQ(breaker_.state(), State::closed);
  EXPECT_EQ(breaker_.acquire(clock_.now()), Permit::normal);
}

TEST_F(BreakerTest, AFailedProbeLetsAnotherTryBeforeItOpensAgain) {
  fail(5);
  clock_.advance(limits_.open_for);
  breaker_.failed(breaker_.acquire(clock_.now()), clock_.now());
  EXPECT_EQ(breaker_.state(), State::half_open);
  const Permit second = breaker_.acquire(clock_.now());
  EXPECT_EQ(second, Permit::probe) << "one bad head record must not hold a target down";
  breaker_.succeeded(second, clock_.now());
  EXPECT_EQ(breaker_.state(), State::closed);
}

TEST_F(BreakerTest, OpenTimeGrowsToItsBoundAndStartsAnewAfterASuccess) {
  fail(5);
  Duration expected = limits_.open_for;
  for (int round = 0; round < 8; ++round) {
    EXPECT_EQ(breaker_.open_until() - clock_.now(), expected);
    clock_.advance(expected);
    fail_all_probes();
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
  breaker.tripped(breaker.acquire(clock_.now()), clock_.now());
  EXPECT_GT(breaker.open_until() - clock_.now(), seconds(65));
  EXPECT_LE(breaker.open_until() - clock_.now(), seconds(66));
}

TEST_F(BreakerTest, OneAnswerCanTripIt) {
  breaker_.tripped(breaker_.acquire(clock_.now()), clock_.now());
  EXPECT_EQ(breaker_.state(), State::open);
}

TEST_F(BreakerTest, AnswersToRequestsFromBeforeItOpenedChangeNothing) {
  const Permit early = breaker_.acquire(clock_.now());
  const Permit another = breaker_.acquire(clock_.now());
  fail(5);
  const Instant until = breaker_.open_until();
  breaker_.failed(early, clock_.now());
  breaker_.succeeded(another, clock_.now());
  EXPECT_EQ(breaker_.state(), State::open);
  EXPECT_EQ(breaker_.open_until(), until);
}

TEST_F(BreakerTest, AProbeThatWasCancelledComesBack) {
  fail(5);
  clock_.advance(limits_.open_for);
  breaker_.released(breaker_.acquire(clock_.now()));
  EXPECT_EQ(breaker_.acquire(clock_.now()), Permit::probe);
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
