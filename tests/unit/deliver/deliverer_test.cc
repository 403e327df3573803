// What goes out when, and that every pass comes back. What follows from answers has its own files.
#include "deliver/deliverer.h"

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class DelivererTest : public DelivererHarness {
 protected:
  void close(StallReason reason) {
    admission_.closed = Admission::Closed{clock_.now() + seconds(5), reason, "why"};
  }
};

TEST_F(DelivererTest, DeliversABatchAndGivesItBack) {
  start(1, 100, 3);
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.bodies.back(), "[100,101,102]");
  EXPECT_EQ(http_.sent.front().second.url, "http://api/path");
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 102));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_TRUE(deliverer().idle(1));
  EXPECT_EQ(admission_.taken, 3U);
  EXPECT_EQ(admission_.refused, 0U);
}

TEST_F(DelivererTest, AsksForWhatItIsGoingToSend) {
  start(7, 100, 3);
  ASSERT_EQ(admission_.asked.size(), 1U);
  EXPECT_EQ(admission_.asked[0].first, 7U);
  EXPECT_EQ(admission_.asked[0].second.records, 3U);
  EXPECT_EQ(admission_.asked[0].second.bytes, http_.bodies[0].size());
}

TEST_F(DelivererTest, SaysWhenTheRequestWasSentAndWhetherThereWasAnAnswer) {
  const Instant sent = clock_.now();
  start(1, 100, 1);
  reply(no_answer());
  ASSERT_EQ(admission_.answers.size(), 1U);
  EXPECT_EQ(admission_.answers[0].sent_at, sent);
  EXPECT_EQ(admission_.answers[0].verdict, Verdict::retry);
  EXPECT_FALSE(admission_.answers[0].had_answer);
}

TEST_F(DelivererTest, SendsNothingWhileTheWayIsClosed) {
  close(StallReason::breaker_open);
  start(1, 100, 3);
  EXPECT_TRUE(http_.bodies.empty());
  ASSERT_TRUE(deliverer().held_back().has_value());
  EXPECT_EQ(deliverer().held_back()->reason, StallReason::breaker_open);
  EXPECT_EQ(deliverer().held_back()->detail, "why");
  EXPECT_EQ(deliverer().deadline(), clock_.now() + seconds(5));
  admission_.closed.reset();
  wait();
  EXPECT_EQ(http_.bodies.size(), 1U);
  EXPECT_FALSE(deliverer().held_back().has_value());
}

TEST_F(DelivererTest, ASlotThatIsOnlyTakenIsNoTrouble) {
  close(StallReason::flowing);
  start(1, 100, 3);
  EXPECT_FALSE(deliverer().held_back().has_value());
  EXPECT_EQ(deliverer().deadline(), clock_.now() + seconds(5));
}

TEST_F(DelivererTest, WhatIsClosedForAllIsAskedForOnce) {
  for (const auto reason :
       {StallReason::rate_limited, StallReason::throttled, StallReason::flowing}) {
    close(reason);
    for (LaneId lane = 1; lane <= 3; ++lane) start(lane, 100, 1);
    admission_.asked.clear();
    pass(seconds(0));
    EXPECT_EQ(admission_.asked.size(), 1U) << to_string(reason);
    for (LaneId lane = 1; lane <= 3; ++lane) deliverer().cancel(lane);
  }
}

TEST_F(DelivererTest, WhatMayBeOpenForAnotherPartitionIsAskedForByEach) {
  for (const auto reason : {StallReason::breaker_open, StallReason::unauthorized,
                            StallReason::misconfigured, StallReason::refusal_guard}) {
    close(reason);
    for (LaneId lane = 1; lane <= 3; ++lane) start(lane, 100, 1);
    admission_.asked.clear();
    pass(seconds(0));
    EXPECT_EQ(admission_.asked.size(), 3U) << to_string(reason);
    for (LaneId lane = 1; lane <= 3; ++lane) deliverer().cancel(lane);
  }
}

TEST_F(DelivererTest, OnePartitionThatIsHeldBackHoldsNoOtherBack) {
  admission_.closed_lanes[1] = {clock_.now() + seconds(5), StallReason::breaker_open};
  start(1, 100, 1);
  start(2, 200, 1);
  ASSERT_EQ(http_.bodies, std::vector<std::string>{"[200]"});
  EXPECT_EQ(admission_.waiting, std::set<LaneId>{1});
}

TEST_F(DelivererTest, TheNearestOfAllDeadlinesCounts) {
  admission_.closed_lanes[1] = {clock_.now() + seconds(500), StallReason::breaker_open};
  start(1, 100, 1);
  start(2, 200, 1);
  reply(answer(500));
  ASSERT_TRUE(deliverer().deadline().has_value());
  EXPECT_LE(*deliverer().deadline(), clock_.now() + std::chrono::milliseconds(200));
}

TEST_F(DelivererTest, RequestsThatFindNoConnectionWaitInFrontOfTheGates) {
  for (LaneId lane = 1; lane <= 12; ++lane) start(lane, 100, 1);
  EXPECT_EQ(http_.sent.size(), 8U);
  EXPECT_EQ(deliverer().requests_in_flight(), 8U);
  EXPECT_EQ(admission_.asked.size(), 8U);
  close(StallReason::throttled);
  reply(answer(429));
  EXPECT_EQ(http_.sent.size(), 7U) << "and are stopped by what the others are told";
}

TEST_F(DelivererTest, BatchesTakeTurnsInBeingFirst) {
  options_.connections = 1;
  for (LaneId lane = 1; lane <= 3; ++lane) start(lane, 100 * static_cast<int>(lane), 1);
  // Nothing holds them but the one connection.
  for (int i = 0; i < 5; ++i) reply(answer(429));
  EXPECT_EQ(http_.bodies,
            (std::vector<std::string>{"[100]", "[200]", "[300]", "[100]", "[200]", "[300]"}));
}

TEST_F(DelivererTest, WhatWaitedForItsBackoffDoesNotWaitForAllThatCameAfterIt) {
  options_.connections = 1;
  start(1, 100, 1);
  start(2, 200, 1);
  reply(answer(500));
  clock_.advance(seconds(1));  // its backoff is over; the way is free again only now and then
  for (std::int64_t record = 201; record <= 203; ++record) {
    start(2, record, 1);
    reply(answer(200));
  }
  EXPECT_EQ(std::count(http_.bodies.begin(), http_.bodies.end(), "[100]"), 2);
}

TEST_F(DelivererTest, SeveralBatchesOfALaneGoSideBySide) {
  start(1, 100, 2);
  const Instant first_sent = clock_.now();
  clock_.advance(seconds(1));
  start(1, 200, 2);
  EXPECT_EQ(http_.sent.size(), 2U);
  EXPECT_EQ(deliverer().batches(1), 2U);
  EXPECT_EQ(deliverer().in_flight_since(1), first_sent);
  std::swap(http_.sent[0], http_.sent[1]);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(200, 201));
  EXPECT_EQ(deliverer().batches(1), 1U);
  reply(answer(200));
  EXPECT_TRUE(deliverer().idle(1));
  EXPECT_FALSE(deliverer().in_flight(1));
}

TEST_F(DelivererTest, WhatABudgetCannotHoldIsCut) {
  admission_.most = {3, SIZE_MAX};
  start(1, 100, 8);
  for (int i = 0; i < 3; ++i) reply(answer(200));
  EXPECT_EQ(http_.bodies,
            (std::vector<std::string>{"[100,101,102]", "[103,104,105]", "[106,107]"}));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 107));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererTest, ABudgetOfBytesCutsToo) {
  admission_.most = {SIZE_MAX, 9};
  start(1, 100, 4);
  reply(answer(200));
  EXPECT_EQ(http_.bodies, (std::vector<std::string>{"[100,101]", "[102,103]"}));
  admission_.most = {SIZE_MAX, 1};
  reply(answer(200));
  start(1, 200, 2);
  EXPECT_EQ(http_.bodies.back(), "[200]") << "never below one record";
}

TEST_F(DelivererTest, TheFirstProbeIsOneRecord) {
  admission_.next_is_small = true;
  start(1, 100, 4);
  EXPECT_EQ(http_.bodies, std::vector<std::string>{"[100]"});
  reply(answer(200));
  EXPECT_EQ(http_.bodies.back(), "[101,102,103]");
}

// It may have been taken: with the same batch id the API can tell.
TEST_F(DelivererTest, WhatWasNotAnsweredIsSentAgainAsItWas) {
  start(1, 100, 4);
  const std::string id = sent_id();
  reply(no_answer());
  admission_.next_is_small = true;
  admission_.most = {2, SIZE_MAX};
  wait();
  EXPECT_EQ(http_.bodies[1], http_.bodies[0]);
  EXPECT_EQ(sent_id(), id);
  reply(answer(503));
  admission_.next_is_small = true;
  wait();
  EXPECT_EQ(sent_id(), id) << "the answer is to the second request";
}

TEST_F(DelivererTest, WhatWasAnsweredMayBeCut) {
  start(1, 100, 4);
  reply(answer(500));
  admission_.next_is_small = true;
  wait();
  EXPECT_EQ(http_.bodies.back(), "[100]");
}

TEST_F(DelivererTest, ADrainingLaneSendsNothingMoreButTakesItsAnswer) {
  start(1, 100, 4);
  start(2, 200, 1);
  deliverer().drain(1);
  reply(answer(400));
  EXPECT_EQ(http_.sent.size(), 1U) << "no bisection any more";
  EXPECT_FALSE(deliverer().in_flight(1));
  EXPECT_TRUE(deliverer().in_flight(2));
  deliverer().cancel(1);
  EXPECT_TRUE(deliverer().idle(1));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererTest, ADrainingLaneWaitsForNothing) {
  close(StallReason::breaker_open);
  start(1, 100, 4);
  EXPECT_EQ(admission_.waiting, std::set<LaneId>{1});
  deliverer().drain(1);
  pass(seconds(0));
  EXPECT_TRUE(admission_.waiting.empty());
}

TEST_F(DelivererTest, ACancelledLaneGivesBackAllItHas) {
  for (std::int64_t first = 100; first <= 300; first += 100) start(1, first, 1);
  start(2, 400, 1);
  reply(answer(500));  // one of them waits
  deliverer().cancel(1);
  EXPECT_EQ(http_.cancelled, 2);
  EXPECT_EQ(admission_.cancellations, 2);
  EXPECT_EQ(admission_.out.size(), 1U);
  EXPECT_TRUE(deliverer().idle(1));
  EXPECT_FALSE(deliverer().idle(2));
  EXPECT_EQ(deliverer().requests_in_flight(), 1U);
  EXPECT_EQ(sink_.batches, 0);
}

TEST_F(DelivererTest, WhatComesAfterACancelChangesNothing) {
  start(1, 100, 1);
  const auto id = http_.sent.front().first;
  deliverer().cancel(1);
  deliverer().on_completion({id, answer(200), {}});
  EXPECT_TRUE(sink_.offsets.empty());
  EXPECT_EQ(sink_.batches, 0);
}

TEST_F(DelivererTest, ALaneThatCameBackAtOnceIsAnother) {
  start(1, 100, 1);
  const auto late = http_.sent.front().first;
  deliverer().cancel(1);
  start(2, 100, 1);
  deliverer().on_completion({late, answer(200), {}});
  EXPECT_TRUE(sink_.offsets.empty());
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[2], numbers(100, 100));
}

TEST_F(DelivererTest, CancelledBatchesAreUsedAgain) {
  start(1, 100, 100);
  const std::size_t used = meter_.used();
  deliverer().cancel(1);
  start(2, 100, 100);
  EXPECT_EQ(meter_.used(), used);
}

TEST_F(DelivererTest, SaysInPlainWordsWhatWentWrongLast) {
  EXPECT_EQ(deliverer().last_error(), "");
  start(1, 100, 1);
  reply(answer(503));
  EXPECT_NE(deliverer().last_error().find("503"), std::string::npos);
  EXPECT_EQ(log_.count(telemetry::Event::request_failed), 1U);
}

}  // namespace
}  // namespace sluice::deliver
