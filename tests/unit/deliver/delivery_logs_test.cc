// What the log says of batches that were not simply delivered: each line names its records.
#include <gmock/gmock.h>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using telemetry::Event;
using testing::SizeIs;

class DeliveryLogs : public DelivererHarness {};

TEST_F(DeliveryLogs, AFailedRequestNamesItsRecordsAndItsBatch) {
  start(3, 100, 4);
  const std::string id = sent_id();
  reply(answer(503));
  const auto lines = log_.lines(Event::request_failed);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].text("topic"), "topic");
  EXPECT_EQ(lines[0].text("partition"), "3");
  EXPECT_EQ(lines[0].text("first_offset"), "100");
  EXPECT_EQ(lines[0].text("last_offset"), "103");
  EXPECT_EQ(lines[0].text("batch_id"), id);
  EXPECT_EQ(lines[0].text("trace_id"), "(none)");
}

TEST_F(DeliveryLogs, ABisectionIsSaidOnceForASearchWithTheBatchThatItBeganWith) {
  start(1, 100, 8);
  const std::string id = sent_id();
  run(failing_for({101}, 400));
  const auto lines = log_.lines(Event::batch_bisected);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].text("first_offset"), "100");
  EXPECT_EQ(lines[0].text("last_offset"), "107");
  EXPECT_EQ(lines[0].text("batch_id"), id);
  EXPECT_EQ(lines[0].text("verdict"), "rejected");
}

TEST_F(DeliveryLogs, ASecondSearchOfTheRestIsSaidToo) {
  start(1, 100, 8);
  run(failing_for({101, 106}, 400));
  const auto lines = log_.lines(Event::batch_bisected);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[1].text("first_offset"), "102");
}

TEST_F(DeliveryLogs, ARecordAloneIsNotBisected) {
  start(1, 100, 1);
  reply(answer(400));
  EXPECT_EQ(log_.count(Event::batch_bisected), 0U);
}

TEST_F(DeliveryLogs, ABodyThatIsTooLargeIsSaid) {
  start(1, 100, 8);
  reply(answer(413));
  const auto lines = log_.lines(Event::batch_bisected);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].text("verdict"), "split");
  EXPECT_EQ(lines[0].text("last_offset"), "107");
}

TEST_F(DeliveryLogs, AFailureThatIsNarrowedDownIsSaid) {
  start(1, 100, 8);
  for (int i = 0; i < 20 && log_.count(Event::batch_bisected) == 0; ++i) {
    deliver_neighbour();
    reply(answer(500));
    if (log_.count(Event::batch_bisected) == 0) wait();
  }
  const auto lines = log_.lines(Event::batch_bisected);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].text("verdict"), "retry");
  EXPECT_EQ(lines[0].text("first_offset"), "100");
  EXPECT_EQ(lines[0].text("last_offset"), "107");
}

TEST_F(DeliveryLogs, WhatExpiresAndIsDroppedIsSaidRecordByRecord) {
  options_.max_age = std::chrono::hours(1);
  options_.on_expired = config::OnExpired::drop;
  start(1, make_batch(100, 2, {1, 1}));
  const auto lines = log_.lines(Event::record_dropped);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[1].text("offset"), "101");
  EXPECT_EQ(lines[1].text("reason"), "expired");
  EXPECT_EQ(lines[1].text("batch_id"), "(none)") << "it was never sent";
}

TEST_F(DeliveryLogs, WhatUsesUpItsAttemptsAndIsDroppedIsSaid) {
  options_.on_exhausted = config::OnExhausted::drop;
  options_.attempts = 2;
  start(1, 100, 1);
  const std::string id = sent_id();
  for (int i = 0; i < 20 && log_.count(Event::record_dropped) == 0; ++i) {
    deliver_neighbour();
    reply(answer(500));
    if (deliverer().deadline()) wait();
  }
  const auto lines = log_.lines(Event::record_dropped);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].text("reason"), "exhausted");
  EXPECT_EQ(lines[0].text("batch_id"), id);
}

}  // namespace
}  // namespace sluice::deliver
