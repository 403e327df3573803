#include "deliver/refusal_guard.h"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

TEST(RefusalGuardTest, ClosesOnceTheShareIsRefused) {
  RefusalGuard guard({0.5, 200});
  for (int i = 0; i < 99; ++i) guard.judged(0, 1);
  EXPECT_FALSE(guard.closed());
  guard.judged(0, 1);
  EXPECT_TRUE(guard.closed());
  EXPECT_EQ(guard.refused(), 100U);
  EXPECT_EQ(guard.judged(), 100U);
}

TEST(RefusalGuardTest, ForgetsWhatIsFurtherBackThanItsWindow) {
  RefusalGuard guard({0.5, 200});
  guard.judged(0, 99);
  guard.judged(200, 0);
  guard.judged(0, 99);
  EXPECT_FALSE(guard.closed());
  guard.judged(0, 1);
  EXPECT_TRUE(guard.closed());
  EXPECT_EQ(guard.judged(), 200U);
}

TEST(RefusalGuardTest, AFewBadRecordsAmongManyAreNoReason) {
  RefusalGuard guard({0.5, 200});
  for (int i = 0; i < 10'000; ++i) guard.judged(3, 1);
  EXPECT_FALSE(guard.closed());
}

TEST(RefusalGuardTest, StaysClosedUntilItIsReleasedAndBeginsAnew) {
  RefusalGuard guard({0.5, 10});
  guard.judged(0, 5);
  guard.judged(1000, 0);
  EXPECT_TRUE(guard.closed()) << "what was under way then does not open it";
  guard.release();
  EXPECT_FALSE(guard.closed());
  guard.judged(0, 4);
  EXPECT_FALSE(guard.closed());
  guard.judged(0, 1);
  EXPECT_TRUE(guard.closed());
}

TEST(RefusalGuardTest, AShareOfAllClosesOnlyWhenAllAreRefused) {
  RefusalGuard guard({1, 100});
  guard.judged(1, 99);
  EXPECT_FALSE(guard.closed());
  guard.judged(0, 1);
  EXPECT_TRUE(guard.closed());
}

}  // namespace
}  // namespace sluice::deliver
