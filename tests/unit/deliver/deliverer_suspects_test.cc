// A record that fails where no neighbour tells whether it or the target is bad.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class DelivererSuspects : public DelivererHarness {
 protected:
  // One partition, nobody beside it, and one record that fails. The first probe of the breaker is
  // delivered; that is what brings the rest of its batch under suspicion.
  void park(LaneId lane, std::int64_t first, int records, std::int64_t bad) {
    park(lane, make_batch(first, records), bad);
  }
  void park(LaneId lane, std::unique_ptr<batch::Batch> batch, std::int64_t bad) {
    start(lane, std::move(batch));
    reply(answer(500));
    admission_.next_is_small = true;
    wait();
    for (int i = 0; i < 100 && sink_.held_lanes.count(lane) == 0; ++i) {
      if (http_.sent.empty()) {
        wait();
      } else {
        reply(failing_for({bad}, 500)(std::string(http_.sent.front().second.body)));
      }
    }
    ASSERT_EQ(sink_.held_lanes.count(lane), 1U);
    ASSERT_TRUE(http_.sent.empty());
  }
};

TEST_F(DelivererSuspects, ParksTheRecordThatFailsWhereThePartsOfItsOwnBatchAreDelivered) {
  park(1, 100, 8, 104);
  EXPECT_EQ(sink_.offsets[1], numbers(100, 103)) << "order: those behind it wait";
  const auto suspect = deliverer().suspect(1);
  ASSERT_TRUE(suspect.has_value());
  EXPECT_EQ(suspect->offset, 104);
  EXPECT_EQ(suspect->next_try, deliverer().deadline());
  EXPECT_NE(suspect->trouble.find("500"), std::string::npos);
  EXPECT_TRUE(sink_.refusals.empty());
  EXPECT_EQ(std::count(http_.bodies.begin(), http_.bodies.end(), "[104]"), 5) << "lonely in a row";
  EXPECT_EQ(admission_.answers.back().blame, Blame::record) << "it opens no breaker";
}

TEST_F(DelivererSuspects, IsTriedOnTheSchedulesOfABreaker) {
  park(1, 100, 8, 104);
  Duration expected = seconds(60);
  for (int i = 0; i < 8; ++i) {
    const Duration waits = *deliverer().deadline() - clock_.now();
    EXPECT_GE(waits, expected);
    EXPECT_LE(waits, expected + expected / 10);
    expected = std::min<Duration>(2 * expected, minutes(10));
    wait();
    ASSERT_EQ(http_.bodies.back(), "[104]");
    reply(answer(500));
  }
  EXPECT_EQ(sink_.held_lanes, std::set<LaneId>{1}) << "said once";
}

TEST_F(DelivererSuspects, IsDeliveredByItsOwnProbeOnceHealed) {
  park(1, 100, 8, 104);
  wait();
  reply(answer(200));
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_FALSE(deliverer().suspect(1).has_value());
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 107));
  EXPECT_EQ(http_.bodies.back(), "[105,106,107]");
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererSuspects, TheLastOfABatchLeavesNothingHeld) {
  park(1, 100, 2, 101);
  wait();
  reply(answer(200));
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_TRUE(deliverer().idle(1));
}

TEST_F(DelivererSuspects, NeighboursThatComeLaterUseUpItsAttempts) {
  options_.attempts = 3;
  park(1, 100, 8, 104);
  for (int i = 0; i < 3; ++i) {
    deliver_neighbour();
    wait();
    reply(answer(500));
  }
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_EQ(sink_.refusals[1], numbers(104, 104));
  ASSERT_FALSE(http_.sent.empty());
  EXPECT_EQ(http_.bodies.back(), "[105,106,107]");
}

TEST_F(DelivererSuspects, ThatIsRefusedIsOutAtOnce) {
  park(1, 100, 8, 104);
  wait();
  reply(answer(422));
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_EQ(sink_.causes.at(0).reason, DeadLetterReason::rejected);
}

TEST_F(DelivererSuspects, OtherLanesGoOnBesideIt) {
  park(1, 100, 8, 104);
  start(2, 200, 3);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[2], numbers(200, 202));
  EXPECT_FALSE(deliverer().suspect(2).has_value());
  EXPECT_EQ(deliverer().retry_suspects(2), 0U);
  EXPECT_EQ(deliverer().dead_letter_suspects(2), 0U);
}

TEST_F(DelivererSuspects, AnOperatorMayHaveItTriedAtOnce) {
  park(1, 100, 8, 104);
  wait();
  reply(answer(500));
  EXPECT_EQ(deliverer().retry_suspects(1), 1U);
  pass(seconds(0));
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.bodies.back(), "[104]");
  reply(answer(500));
  EXPECT_LE(*deliverer().deadline() - clock_.now(), seconds(66)) << "the schedule begins anew";
  EXPECT_EQ(sink_.held_lanes, std::set<LaneId>{1});
}

TEST_F(DelivererSuspects, AnOperatorMayGiveItUp) {
  park(1, 100, 8, 104);
  EXPECT_EQ(deliverer().dead_letter_suspects(1), 1U);
  EXPECT_EQ(sink_.refusals[1], numbers(104, 104));
  const auto& cause = sink_.causes.at(0);
  EXPECT_EQ(cause.reason, DeadLetterReason::by_operator);
  EXPECT_NE(cause.detail.find("500"), std::string::npos);
  EXPECT_GE(cause.attempts, 5U);
  EXPECT_FALSE(cause.batch_id.empty());
  EXPECT_TRUE(cause.first_attempt && cause.last_attempt);
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_EQ(admission_.refused, 0U) << "by nobody but the operator";
  pass(seconds(0));
  EXPECT_EQ(http_.bodies.back(), "[105,106,107]");
}

// At the head of the only partition it looks like an outage, so nothing is done about it by itself.
TEST_F(DelivererSuspects, AnOperatorMayGiveUpOneThatFailsAloneFromTheBeginning) {
  start(1, make_batch(100, 3));
  for (int i = 0; i < 5; ++i) {
    reply(answer(500));
    wait();
  }
  EXPECT_EQ(deliverer().dead_letter_suspects(1), 0U) << "it is three records";
  reply(answer(500));
  admission_.next_is_small = true;
  wait();
  reply(answer(500));
  EXPECT_FALSE(deliverer().suspect(1));
  EXPECT_EQ(deliverer().lone_failure(1), 100);
  EXPECT_EQ(deliverer().dead_letter_suspects(1), 1U);
  EXPECT_EQ(sink_.causes.back().reason, DeadLetterReason::by_operator);
  wait();
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(101, 102));
}

TEST_F(DelivererSuspects, GivingUpTheLastOfABatchFinishesIt) {
  park(1, 100, 2, 101);
  admission_.closed = Admission::Closed{clock_.now() + minutes(10), StallReason::breaker_open};
  pass(minutes(2));
  EXPECT_EQ(admission_.waiting, std::set<LaneId>{1});
  EXPECT_EQ(deliverer().dead_letter_suspects(1), 1U);
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_TRUE(deliverer().idle(1));
  EXPECT_TRUE(admission_.waiting.empty()) << "for nothing any more";
}

TEST_F(DelivererSuspects, OneThatIsJustBeingTriedIsLeftToItsAnswer) {
  park(1, 100, 8, 104);
  wait();
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(deliverer().dead_letter_suspects(1), 0U);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 104));
}

TEST_F(DelivererSuspects, SeveralBatchesOfALaneMayEachHaveOne) {
  park(1, 100, 2, 101);
  EXPECT_EQ(deliverer().batches(1), 1U);
  start(1, 200, 1);
  reply(answer(200));
  EXPECT_EQ(deliverer().suspect(1)->offset, 101);
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 200}));
}

TEST_F(DelivererSuspects, ThatExpiresMeanwhileIsLetGo) {
  options_.max_age = minutes(30);
  const std::int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now().time_since_epoch())
          .count();
  park(1, make_batch(100, 3, {-1, now_ms}), 101);
  pass(minutes(31));
  EXPECT_TRUE(sink_.held_lanes.empty());
  EXPECT_EQ(sink_.causes.at(0).reason, DeadLetterReason::expired);
  EXPECT_EQ(http_.bodies.back(), "[102]");
}

}  // namespace
}  // namespace sluice::deliver
