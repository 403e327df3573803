// max_age: records that have grown too old are not sent any more.
#include <limits>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class DelivererExpiry : public DelivererHarness {
 protected:
  DelivererExpiry() { options_.max_age = hours(1); }

  std::int64_t ago(Duration age) const {
    return std::chrono::duration_cast<milliseconds>(
               (clock_.wall_now() - std::chrono::duration_cast<WallTime::duration>(age))
                   .time_since_epoch())
        .count();
  }
};

TEST_F(DelivererExpiry, WhatIsTooOldIsNotSent) {
  start(1, make_batch(100, 5,
                      {ago(hours(2)), ago(minutes(59)), -1, ago(hours(1) + milliseconds(1)),
                       ago(hours(1))}));
  EXPECT_EQ(http_.bodies, std::vector<std::string>{"[101,102,104]"});
  EXPECT_EQ(sink_.refusals[1], (std::vector<std::int64_t>{100, 103}));
  const auto& cause = sink_.causes.at(0);
  EXPECT_EQ(cause.reason, DeadLetterReason::expired);
  EXPECT_EQ(cause.detail, "older than max_age");
  EXPECT_EQ(cause.attempts, 0U);
  EXPECT_EQ(cause.batch_id, "");
  EXPECT_FALSE(cause.first_attempt || cause.last_attempt || cause.status || cause.verdict);
  EXPECT_EQ(admission_.refused, 0U);
  EXPECT_EQ(admission_.asked.at(0).second.records, 3U);
  reply(answer(200));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererExpiry, WhatIsTooOldIsDroppedWhereThatIsThePolicy) {
  options_.on_expired = config::OnExpired::drop;
  start(1, make_batch(100, 2, {ago(hours(2)), -1}));
  EXPECT_EQ(sink_.drops[1], numbers(100, 100));
  EXPECT_TRUE(sink_.refusals.empty());
  EXPECT_EQ(http_.bodies, std::vector<std::string>{"[101]"});
}

TEST_F(DelivererExpiry, ABatchThatIsTooOldAltogetherIsFinished) {
  start(1, make_batch(100, 2, {ago(hours(2)), ago(hours(2))}));
  EXPECT_TRUE(http_.bodies.empty());
  EXPECT_EQ(sink_.refusals[1], numbers(100, 101));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_TRUE(deliverer().idle(1));
}

TEST_F(DelivererExpiry, OneBatchThatIsTooOldHoldsNoOtherUp) {
  admission_.closed = Admission::Closed{clock_.now() + hours(2), StallReason::breaker_open};
  start(1, make_batch(100, 1, {ago(minutes(1))}));
  start(2, make_batch(200, 1, {ago(minutes(1))}));
  start(3, 300, 1);
  admission_.closed.reset();
  pass(hours(2));
  EXPECT_EQ(sink_.batches, 2);
  EXPECT_EQ(http_.bodies, std::vector<std::string>{"[300]"});
  EXPECT_TRUE(admission_.waiting.empty());
}

TEST_F(DelivererExpiry, WhatMayHaveBeenTakenGoesAgainAsItWasUntilAllOfItIsTooOld) {
  start(1, make_batch(100, 2, {ago(minutes(30)), ago(minutes(1))}));
  const std::string id = sent_id();
  reply(no_answer());
  pass(minutes(40));
  EXPECT_EQ(http_.bodies.back(), "[100,101]");
  EXPECT_EQ(sent_id(), id);
  EXPECT_TRUE(sink_.refusals.empty());
  reply(no_answer());
  pass(minutes(40));
  EXPECT_EQ(sink_.refusals[1], numbers(100, 101));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererExpiry, RecordsGrowOldWhileTheyAreTried) {
  start(1, make_batch(100, 3, {ago(minutes(30)), ago(minutes(1)), -1}));
  const std::string id = sent_id();
  const WallTime sent = clock_.wall_now();
  reply(answer(500));
  pass(minutes(40));
  EXPECT_EQ(http_.bodies.back(), "[101,102]");
  EXPECT_NE(sent_id(), id);
  const auto& cause = sink_.causes.at(0);
  EXPECT_EQ(cause.reason, DeadLetterReason::expired);
  EXPECT_EQ(cause.attempts, 1U);
  EXPECT_EQ(cause.batch_id, id);
  EXPECT_EQ(cause.first_attempt, sent);
}

TEST_F(DelivererExpiry, WhatIsUnderWayIsWaitedFor) {
  start(1, make_batch(100, 1, {ago(minutes(30))}));
  pass(hours(2));
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 100));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererExpiry, WhatWasDeliveredBeforeIsLeftAlone) {
  admission_.most = {1, SIZE_MAX};
  start(1, make_batch(100, 3, {ago(minutes(30)), ago(minutes(30)), -1}));
  reply(answer(200));
  reply(answer(500));
  pass(hours(1));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 100));
  EXPECT_EQ(sink_.refusals[1], numbers(101, 101));
  EXPECT_EQ(http_.bodies.back(), "[102]");
}

// Nanoseconds since 1970 do not hold what they come to as milliseconds.
TEST_F(DelivererExpiry, MicrosecondsTakenForMillisecondsAreNotTooOld) {
  const std::int64_t microseconds = ago(hours(2)) * 1000;
  start(1, make_batch(100, 3,
                      {microseconds, ago(hours(2)), std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(http_.bodies, std::vector<std::string>{"[100,102]"});
  EXPECT_EQ(sink_.refusals[1], numbers(101, 101));
}

TEST_F(DelivererExpiry, WithoutABoundNothingIsTooOld) {
  options_.max_age.reset();
  start(1, make_batch(100, 1, {0}));
  EXPECT_EQ(http_.bodies.size(), 1U);
}

}  // namespace
}  // namespace sluice::deliver
