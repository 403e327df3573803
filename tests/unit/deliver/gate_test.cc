#include "deliver/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/system_clock.h"
#include "support/fake_clock.h"
#include "support/test_log.h"

namespace sluice::deliver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Judgement judged(Verdict verdict) { return {verdict, std::nullopt, "as the test says"}; }

class GateTest : public testing::Test {
 protected:
  Gate make(Gate::Scope scope, std::vector<config::RateLimit> rates = {}) {
    return {scope, "api",        {breaker_, {seconds(1), seconds(60), 2}, std::move(rates)},
            1,     clock_.now(), log_};
  }

  void answer(Gate& gate, Verdict verdict) {
    const auto permit = gate.ask(clock_.now());
    ASSERT_TRUE(permit.has_value());
    gate.answered(*permit, judged(verdict), clock_.now());
  }

  test::FakeClock clock_;
  test::TestLog log_;
  config::CircuitBreaker breaker_;
};

TEST_F(GateTest, EachScopeClosesForWhatIsItsOwn) {
  auto target = make(Gate::Scope::target);
  auto path = make(Gate::Scope::path);
  answer(target, Verdict::misconfigured);
  EXPECT_TRUE(target.ask(clock_.now()).has_value()) << "other paths go on";
  answer(path, Verdict::unauthorized);
  EXPECT_TRUE(path.ask(clock_.now()).has_value()) << "that is the target's";
  answer(target, Verdict::unauthorized);
  answer(path, Verdict::misconfigured);
  EXPECT_EQ(target.ask(clock_.now()).error().reason, StallReason::unauthorized);
  EXPECT_EQ(path.ask(clock_.now()).error().reason, StallReason::misconfigured);
}

TEST_F(GateTest, APathThatRefusesRecordsIsThere) {
  auto path = make(Gate::Scope::path);
  answer(path, Verdict::misconfigured);
  clock_.advance(seconds(70));
  answer(path, Verdict::rejected);
  EXPECT_EQ(path.ask(clock_.now()), Breaker::Permit::normal) << "and needs no 200 to be believed";
}

TEST_F(GateTest, TellsWhenItOpensAndWhenAProbeIsFree) {
  auto gate = make(Gate::Scope::target);
  int told = 0;
  gate.on_open([&] { ++told; });
  answer(gate, Verdict::unauthorized);
  EXPECT_EQ(told, 0);
  clock_.advance(seconds(70));
  const auto probe = gate.ask(clock_.now());
  gate.released(*probe);
  EXPECT_EQ(told, 1) << "its request was cancelled: another may probe";
  answer(gate, Verdict::delivered);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(log_.count(telemetry::Event::breaker_opened), 1U);
  EXPECT_EQ(log_.count(telemetry::Event::breaker_closed), 1U);
}

TEST_F(GateTest, ARateLimitHoldsEveryRequestAndTakesNoProbeAway) {
  auto gate = make(Gate::Scope::target, {{1, seconds(10), 1.0, 0.1}});
  EXPECT_EQ(gate.ask(clock_.now()).error().reason, StallReason::rate_limited) << "starts empty";
  clock_.advance(seconds(10));
  answer(gate, Verdict::unauthorized);
  clock_.advance(seconds(70));
  answer(gate, Verdict::retry);
  EXPECT_EQ(gate.ask(clock_.now()).error().reason, StallReason::rate_limited);
  clock_.advance(seconds(10));
  EXPECT_TRUE(gate.ask(clock_.now()).has_value());
}

TEST_F(GateTest, HasOneProbeForAllWorkersTogether) {
  const SystemClock clock;
  breaker_.open_for = milliseconds(1);
  breaker_.max_open_for = milliseconds(1);
  auto gate = make(Gate::Scope::target);
  std::atomic<int> probing{0};
  std::atomic<int> most{0};
  std::atomic<int> told{0};
  gate.on_open([&] { ++told; });
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      for (int i = 0; i < 2000; ++i) {
        const auto permit = gate.ask(clock.now());
        if (!permit) continue;
        const bool probe = *permit == Breaker::Permit::probe;
        if (probe) most = std::max(most.load(), ++probing);
        if (probe) --probing;
        gate.answered(*permit, judged((i + w) % 7 == 0 ? Verdict::delivered : Verdict::retry),
                      clock.now());
      }
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_LE(most, 1);
}

}  // namespace
}  // namespace sluice::deliver
