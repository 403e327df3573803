#include "pipeline/resume.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

constexpr kafka::LogBounds kLog{50, 100};

Action resume(Action::From from, std::int64_t offset = 0) {
  return {Action::Kind::resume_from, TopicPartition{"events", 3}, from, offset};
}
Result<Resume> to(std::int64_t offset, const FormerPlace& before = {60, 80}) {
  return plan_resume(resume(Action::From::offset, offset), before, kLog);
}

TEST(ResumeTest, OutsideOfTheLogItIsRefusedWithBothBounds) {
  for (const std::int64_t outside : {0, 49, 101, 5'000}) {
    const auto refused = to(outside);
    ASSERT_FALSE(refused) << outside;
    EXPECT_EQ(refused.error().text(),
              "offset " + std::to_string(outside) +
                  " is not in the log of events/3, which begins at 50 and ends at 100; write a "
                  "number from the one to the other, earliest or latest");
  }
  EXPECT_EQ(to(50)->offset, 50);
  EXPECT_EQ(to(100)->offset, 100) << "the next one that is written";
}

TEST(ResumeTest, EarliestAndLatestAreTheBounds) {
  EXPECT_EQ(plan_resume(resume(Action::From::earliest), {}, kLog)->offset, 50);
  EXPECT_EQ(plan_resume(resume(Action::From::latest), {}, kLog)->offset, 100);
}

TEST(ResumeTest, SaysTheFormerPlaceAndWhatIsSkippedOrReadAgain) {
  EXPECT_EQ(to(90)->text,
            "events/3 goes on at 90; before: committed 60, next to read 80; skipped: 30, read "
            "again: 0");
  EXPECT_EQ(to(55)->text,
            "events/3 goes on at 55; before: committed 60, next to read 80; skipped: 0, read "
            "again: 25");
  EXPECT_EQ(to(61)->text,
            "events/3 goes on at 61; before: committed 60, next to read 80; skipped: 1, read "
            "again: 19");
}

TEST(ResumeTest, SaysWhatWasDeletedUnread) {
  EXPECT_EQ(
      plan_resume(resume(Action::From::earliest), {10, 42}, kLog)->text,
      "events/3 goes on at 50; before: committed 10, next to read 42; skipped: 0, read again: "
      "0, deleted before they were read: 8");
}

TEST(ResumeTest, CountsOnlyWhatTheLogHolds) {
  EXPECT_EQ(to(70, {0, 0})->text,
            "events/3 goes on at 70; before: committed 0, next to read 0; skipped: 20, read again: "
            "0, deleted before they were read: 50");
  EXPECT_EQ(to(70, {5'000, 5'000})->text,
            "events/3 goes on at 70; before: committed 5000, next to read 5000; skipped: 0, read "
            "again: 30");
  EXPECT_EQ(to(70, {})->text,
            "events/3 goes on at 70; before: committed none, next to read none; skipped: 20, read "
            "again: 0");
}

}  // namespace
}  // namespace sluice::pipeline
