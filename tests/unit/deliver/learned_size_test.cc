#include "deliver/learned_size.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(LearnedSizeTest, KnowsNothingAtFirst) {
  LearnedSize size;
  EXPECT_EQ(size.most(test::FakeClock().now()), SIZE_MAX);
}

TEST(LearnedSizeTest, IsHalfOfWhatWasTooLarge) {
  const test::FakeClock clock;
  LearnedSize size;
  size.too_large(1000, clock.now());
  EXPECT_EQ(size.most(clock.now()), 500U);
  size.too_large(500, clock.now());
  EXPECT_EQ(size.most(clock.now()), 250U);
}

TEST(LearnedSizeTest, ALargerOneThatWasUnderWayTeachesNothingNew) {
  const test::FakeClock clock;
  LearnedSize size;
  size.too_large(500, clock.now());
  size.too_large(1000, clock.now());
  EXPECT_EQ(size.most(clock.now()), 250U);
}

TEST(LearnedSizeTest, TriesTwiceAsMuchEveryHour) {
  test::FakeClock clock;
  LearnedSize size;
  size.too_large(1000, clock.now());
  clock.advance(minutes(59));
  EXPECT_EQ(size.most(clock.now()), 500U);
  clock.advance(minutes(1));
  EXPECT_EQ(size.most(clock.now()), 1000U);
  EXPECT_EQ(size.most(clock.now()), 1000U) << "once";
  clock.advance(hours(2));
  EXPECT_EQ(size.most(clock.now()), 4000U);
}

TEST(LearnedSizeTest, AMistakeAnHourIsTheMostItCosts) {
  test::FakeClock clock;
  LearnedSize size;
  size.too_large(1000, clock.now());
  clock.advance(hours(1));
  EXPECT_EQ(size.most(clock.now()), 1000U);
  size.too_large(1000, clock.now());
  clock.advance(minutes(59));
  EXPECT_EQ(size.most(clock.now()), 500U);
}

TEST(LearnedSizeTest, ForgetsInTheEnd) {
  test::FakeClock clock;
  LearnedSize size;
  size.too_large(1, clock.now());
  EXPECT_EQ(size.most(clock.now()), 1U) << "never 0";
  clock.advance(hours(100));
  EXPECT_EQ(size.most(clock.now()), SIZE_MAX);
}

}  // namespace
}  // namespace sluice::deliver
