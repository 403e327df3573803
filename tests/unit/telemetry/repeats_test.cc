#include "telemetry/repeats.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

TEST(RepeatsTest, KeepsATextQuietForAWhile) {
  test::FakeClock clock;
  Repeats repeats{std::chrono::minutes(1)};
  EXPECT_TRUE(repeats.is_news("a", clock.now()));
  EXPECT_TRUE(repeats.is_news("b", clock.now()));
  clock.advance(std::chrono::seconds(59));
  EXPECT_FALSE(repeats.is_news("a", clock.now()));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(repeats.is_news("a", clock.now()));
}

TEST(RepeatsTest, RemembersNoMoreThanSoMany) {
  const test::FakeClock clock;
  Repeats repeats{std::chrono::minutes(1)};
  for (std::size_t i = 0; i < Repeats::kMost; ++i) {
    EXPECT_TRUE(repeats.is_news(std::to_string(i), clock.now()));
  }
  EXPECT_FALSE(repeats.is_news("0", clock.now()));
  EXPECT_TRUE(repeats.is_news("one more", clock.now()));
  EXPECT_TRUE(repeats.is_news("0", clock.now()));
}

}  // namespace
}  // namespace sluice::telemetry
