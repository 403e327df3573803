#include "demo/pace.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::demo {
namespace {

using std::chrono::milliseconds;

TEST(Pace, GivesItsRateInSmallSteps) {
  test::FakeClock clock;
  Pace pace(250, clock.now());
  std::uint32_t sum = 0;
  for (int i = 0; i < 100; ++i) {
    clock.advance(milliseconds(10));
    sum += pace.take(clock.now());
  }
  EXPECT_EQ(sum, 250U);
}

TEST(Pace, LessThanOneIsDueLater) {
  test::FakeClock clock;
  Pace pace(1, clock.now());
  std::uint32_t sum = 0;
  for (int i = 0; i < 19; ++i) {
    clock.advance(milliseconds(50));
    sum += pace.take(clock.now());
  }
  EXPECT_EQ(sum, 0U);
  clock.advance(milliseconds(75));
  EXPECT_EQ(pace.take(clock.now()), 1U);
}

TEST(Pace, NoBurstFollowsAPause) {
  test::FakeClock clock;
  Pace pace(1000, clock.now());
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(pace.take(clock.now()), 100U);
}

}  // namespace
}  // namespace sluice::demo
