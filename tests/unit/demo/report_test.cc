#include "demo/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

using testing::HasSubstr;

constexpr std::size_t kType = 2;

// 100 produced, 90 delivered, 3 dead-lettered: 7 are open.
Tally seven_open() {
  Tally tally;
  tally.produced = tally.produced_of.at(kType) = 100;
  tally.delivered = 90;
  tally.dead_lettered = 3;
  tally.open = tally.open_of.at(kType) = 7;
  return tally;
}

Leftover leftover_when(const Tally& tally, std::uint64_t committed, std::uint64_t unconfirmed = 0) {
  std::array<std::uint64_t, simulator::kEventTypes.size()> all{};
  all.at(kType) = committed;
  return leftover(tally, all, unconfirmed);
}

TEST(Leftover, WhatNoCommitCoversIsOnlyUndelivered) {
  const auto left = leftover_when(seven_open(), 90);
  EXPECT_EQ(left.undelivered, 7U);
  EXPECT_EQ(left.lost, 0U);
}

TEST(Leftover, WhatACommitCoversIsLost) {
  const auto left = leftover_when(seven_open(), 95);
  EXPECT_EQ(left.undelivered, 5U);
  EXPECT_EQ(left.lost, 2U);
  EXPECT_EQ(leftover_when(seven_open(), 100).lost, 7U);
}

TEST(Report, TheReconciliationIsOneLineWithWhatIsNotNoughtBehindIt) {
  Tally tally;
  tally.produced = 100;
  tally.delivered = 97;
  tally.dead_lettered = 3;
  EXPECT_EQ(reconciliation_line(tally, {}),
            "produced 100  delivered 97  dead-lettered 3  0 lost  0 repeated\n");
  EXPECT_TRUE(reconciles(tally, {}));

  tally = seven_open();
  tally.repeated = 4;
  tally.unknown = 1;
  EXPECT_EQ(reconciliation_line(tally, leftover_when(tally, 95, 6)),
            "produced 100  delivered 90  dead-lettered 3  2 lost  4 repeated  5 not delivered yet  "
            "6 not confirmed  1 unknown\n");
}

TEST(Report, NothingReconcilesWithARecordLostUndeliveredUnconfirmedOrUnknown) {
  Tally tally;
  EXPECT_FALSE(reconciles(tally, {.lost = 1, .undelivered = 0, .unconfirmed = 0}));
  EXPECT_FALSE(reconciles(tally, {.lost = 0, .undelivered = 1, .unconfirmed = 0}));
  EXPECT_FALSE(reconciles(tally, {.lost = 0, .undelivered = 0, .unconfirmed = 1}));
  tally.repeated = 5;
  EXPECT_TRUE(reconciles(tally, {}));
  tally.unknown = 1;
  EXPECT_FALSE(reconciles(tally, {}));
}

TEST(Report, SaysWhatIsWrongAndWhatThePipelinesWaitFor) {
  PipelineRow row;
  row.pipeline = "deposit";
  row.lag = 7;
  row.reason = StallReason::unauthorized;
  row.detail = "the API refuses the token";
  const Tally tally = seven_open();
  const std::string text = what_is_wrong(tally, leftover_when(tally, 95, 6), {row});
  EXPECT_THAT(text, HasSubstr("Lost: 2 records"));
  EXPECT_THAT(text, HasSubstr("Not delivered yet: 5 records"));
  EXPECT_THAT(text, HasSubstr("Not confirmed: 6 records"));
  EXPECT_THAT(text, HasSubstr("  deposit: unauthorized: the API refuses the token\n"));
}

TEST(Report, AProgressLineAddsUpThePipelines) {
  PipelineRow flowing;
  flowing.lag = 10;
  flowing.requests_per_second = 2.4;
  flowing.throttled = 3;
  flowing.reason = StallReason::flowing;
  PipelineRow parked = flowing;
  parked.reason = StallReason::breaker_open;
  EXPECT_EQ(progress_line(std::chrono::milliseconds(7100), seven_open(), {flowing, flowing}),
            "7s  produced 100  delivered 90  dead-lettered 3  lag 20  5 requests/s  429s 6  "
            "flowing\n");
  EXPECT_THAT(progress_line({}, seven_open(), {flowing, parked, parked}),
              HasSubstr("breaker_open (2 of 3)"));
}

TEST(Report, APhaseIsSummedUpByWhatWasAddedInIt) {
  Moment from{Instant(std::chrono::seconds(10)), seven_open(), 2};
  Moment to{Instant(std::chrono::seconds(17)), seven_open(), 5};
  to.tally.produced += 50;
  to.tally.delivered += 40;
  to.tally.dead_lettered += 1;
  to.tally.open += 9;
  EXPECT_EQ(phase_summary(from, to),
            "In these 7 s: produced 50, delivered 40, dead-lettered 1, 429s 3; not delivered yet "
            "16.\n");
}

}  // namespace
}  // namespace sluice::demo
