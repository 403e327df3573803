// Promise 4: an outage is not a poison record, and a poison record is not an outage.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::hours;

class DelivererFailures : public DelivererHarness {
 protected:
  // Somebody else's requests are delivered all the time.
  std::function<Result(const std::string&)> beside_neighbours(
      std::function<Result(const std::string&)> api) {
    return [this, api = std::move(api)](const std::string& body) {
      deliver_neighbour();
      return api(body);
    };
  }

  std::ptrdiff_t times_sent(const std::string& body) const {
    return std::count(http_.bodies.begin(), http_.bodies.end(), body);
  }
  std::ptrdiff_t times_sent_with(const std::string& record) const {
    return std::count_if(http_.bodies.begin(), http_.bodies.end(),
                         [&](const auto& body) { return body.find(record) != std::string::npos; });
  }
};

TEST_F(DelivererFailures, RetriesTheSameBytesWithTheSameIdAfterItsBackoff) {
  start(1, 100, 2);
  const auto headers = http_.sent.front().second.headers;
  reply(answer(500));
  EXPECT_TRUE(http_.sent.empty());
  wait();
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.bodies[0], http_.bodies[1]);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    EXPECT_EQ(http_.sent.front().second.headers[i].value, headers[i].value);
  }
  reply(answer(200));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererFailures, AnOutageOfTenHoursSpendsNothingAndResumesWithOneRequest) {
  start(1, 100, 8);
  const std::string id = sent_id();
  const Instant end = clock_.now() + hours(10);
  for (int i = 0; clock_.now() < end; ++i) {
    reply(i % 2 == 0 ? Result(answer(503)) : no_answer());
    wait();
    ASSERT_EQ(sent_id(), id);
  }
  EXPECT_GT(http_.bodies.size(), 1000U);
  EXPECT_EQ(std::set<std::string>(http_.bodies.begin(), http_.bodies.end()).size(), 1U);
  for (const auto& answered : admission_.answers) EXPECT_EQ(answered.blame, Blame::target);
  EXPECT_TRUE(sink_.held_lanes.empty());
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 107));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererFailures, AnOutageForABatchOfOneRecordIsNoDifferent) {
  start(1, 100, 1);
  const Instant end = clock_.now() + hours(10);
  while (clock_.now() < end) {
    reply(answer(500));
    wait();
  }
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_FALSE(deliverer().suspect(1).has_value());
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 100));
}

TEST_F(DelivererFailures, WaitsGrowToTheirBoundAndBeginAnewWithTheNextPart) {
  admission_.most = {1, SIZE_MAX};
  start(1, 100, 2);
  Duration longest{};
  for (int i = 0; i < 30; ++i) {
    reply(answer(500));
    longest = std::max(longest, *deliverer().deadline() - clock_.now());
    EXPECT_LE(longest, std::chrono::seconds(30));
    wait();
  }
  EXPECT_GT(longest, std::chrono::seconds(15));
  reply(answer(200));
  reply(answer(500));
  EXPECT_LE(*deliverer().deadline() - clock_.now(), std::chrono::milliseconds(200));
}

TEST_F(DelivererFailures, OneRecordThatFailsAmongNeighboursIsFoundAndTheOthersAreDelivered) {
  options_.attempts = 4;
  start(1, 100, 8);
  run(beside_neighbours(failing_for({104}, 500)));
  EXPECT_EQ(sink_.refusals[1], numbers(104, 104));
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 101, 102, 103, 105, 106, 107}));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_EQ(times_sent(http_.bodies[0]), 4) << "once with nobody to tell, then three that count";
  EXPECT_EQ(times_sent("[104]"), 4) << "each counts: it failed before, with others";
  const auto& cause = sink_.causes[0];
  EXPECT_EQ(cause.reason, DeadLetterReason::exhausted);
  EXPECT_EQ(admission_.given_up, 1);
  EXPECT_EQ(cause.verdict, Verdict::retry);
  EXPECT_EQ(cause.attempts, times_sent_with("104"));
  EXPECT_EQ(admission_.refused, 0U) << "the API refused nothing";
  EXPECT_EQ(admission_.taken, 7U);
}

TEST_F(DelivererFailures, OnceTheRecordsAreUnderSuspicionNothingIsHeldAgainstTheTarget) {
  options_.attempts = 4;
  start(1, 100, 8);
  run(beside_neighbours(failing_for({104}, 500)));
  std::vector<Blame> blames;
  for (const auto& answered : admission_.answers) {
    if (answered.verdict == Verdict::retry) blames.push_back(answered.blame);
  }
  ASSERT_GT(blames.size(), 4U);
  for (std::size_t i = 0; i < blames.size(); ++i) {
    EXPECT_EQ(blames[i], i < 3 ? Blame::target : Blame::record) << i;
  }
}

TEST_F(DelivererFailures, ABatchOfOneRecordUsesUpItsAttemptsBesideNeighbours) {
  options_.attempts = 4;
  start(1, 100, 1);
  run(beside_neighbours(failing_for({100}, 500)));
  EXPECT_EQ(sink_.refusals[1], numbers(100, 100));
  EXPECT_EQ(http_.bodies.size(), 5U);
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererFailures, NeighboursThatWereSentBeforeTheFailureProveNothing) {
  start(1, 100, 2);
  for (int i = 0; i < 20; ++i) {
    const Instant under_way_since = clock_.now();
    reply(answer(500));
    admission_.delivered_at = under_way_since;
    wait();
  }
  EXPECT_EQ(times_sent("[100,101]"), 21);
}

TEST_F(DelivererFailures, EveryFailureNeedsANeighbourOfItsOwn) {
  start(1, 100, 2);
  reply(answer(500));
  wait();
  for (int i = 0; i < 20; ++i) {
    if (i < 2) deliver_neighbour();
    reply(answer(500));
    wait();
  }
  EXPECT_EQ(times_sent("[100,101]"), 22) << "two of them were counted";
}

TEST_F(DelivererFailures, SeveralBadRecordsAreFoundOneAfterAnother) {
  options_.attempts = 3;
  start(1, 100, 16);
  run(beside_neighbours(failing_for({100, 107, 108, 115}, 500)));
  EXPECT_EQ(sink_.refusals[1], (std::vector<std::int64_t>{100, 107, 108, 115}));
  EXPECT_EQ(sink_.offsets[1].size(), 12U);
  EXPECT_TRUE(std::is_sorted(sink_.offsets[1].begin(), sink_.offsets[1].end()));
}

TEST_F(DelivererFailures, ATargetThatHealsMeanwhileCostsNoRecord) {
  start(1, 100, 8);
  int requests = 0;
  run(beside_neighbours([&](const std::string&) { return answer(++requests > 9 ? 200 : 500); }));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 107));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererFailures, ExhaustedRecordsAreDroppedWhereThatIsThePolicy) {
  options_.attempts = 4;
  options_.on_exhausted = config::OnExhausted::drop;
  start(1, 100, 4);
  run(beside_neighbours(failing_for({102}, 500)));
  EXPECT_EQ(sink_.drops[1], numbers(102, 102));
  EXPECT_TRUE(sink_.refusals.empty());
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 101, 103}));
}

TEST_F(DelivererFailures, ExhaustedRecordsParkWhereThatIsThePolicy) {
  options_.attempts = 4;
  options_.on_exhausted = config::OnExhausted::park;
  start(1, 100, 4);
  run(beside_neighbours(failing_for({102}, 500)), 200);
  EXPECT_TRUE(sink_.refusals.empty());
  EXPECT_EQ(sink_.held_lanes, std::set<LaneId>{1});
  ASSERT_TRUE(deliverer().suspect(1).has_value());
  EXPECT_EQ(deliverer().suspect(1)->offset, 102);
  run([](const std::string&) { return answer(200); });
  EXPECT_EQ(sink_.offsets[1], numbers(100, 103));
}

TEST_F(DelivererFailures, BeingSlowedDownOrMisconfiguredSpendsNoAttempt) {
  options_.attempts = 2;
  for (const int status : {429, 404, 401}) {
    start(1, 100, 2);
    const std::string body = http_.bodies.back();
    for (int i = 0; i < 20; ++i) {
      deliver_neighbour();
      reply(answer(status));
      ASSERT_EQ(http_.bodies.back(), body) << status;
      EXPECT_EQ(admission_.answers.back().blame, Blame::target);
    }
    reply(answer(200));
  }
  EXPECT_EQ(sink_.batches, 3);
  EXPECT_TRUE(sink_.refusals.empty());
}

}  // namespace
}  // namespace sluice::deliver
