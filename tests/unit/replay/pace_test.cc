#include "replay/pace.h"

#include <gtest/gtest.h>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using std::chrono::milliseconds;

TEST(PaceTest, SpreadsLettersEvenly) {
  test::FakeClock clock;
  FakeWaiting waiting(clock);
  Pace pace(10, clock, waiting);
  const Instant start = clock.now();
  for (int i = 0; i < 21; ++i) ASSERT_TRUE(pace.pass());
  EXPECT_EQ(clock.now() - start, milliseconds(2'000));
}

TEST(PaceTest, DoesNotCatchUpOnATimeWhenNothingPassed) {
  test::FakeClock clock;
  FakeWaiting waiting(clock);
  Pace pace(10, clock, waiting);
  ASSERT_TRUE(pace.pass());
  clock.advance(std::chrono::seconds(60));
  const Instant start = clock.now();
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(pace.pass());
  EXPECT_GE(clock.now() - start, milliseconds(900));
}

TEST(PaceTest, LetsNothingPassOnceItIsToStop) {
  test::FakeClock clock;
  FakeWaiting waiting(clock);
  Pace pace(1, clock, waiting);
  EXPECT_TRUE(pace.pass());
  waiting.stop_at = clock.now();
  EXPECT_FALSE(pace.pass());
}

TEST(ParseRateTest, TakesLettersASecondAMinuteOrAnHour) {
  EXPECT_DOUBLE_EQ(parse_rate("100/s").value(), 100);
  EXPECT_DOUBLE_EQ(parse_rate("600/m").value(), 10);
  EXPECT_DOUBLE_EQ(parse_rate("1800/h").value(), 0.5);
  for (const char* text : {"", "0", "-1", "1/d", "fast", "/s", "1/", "1e9/s"}) {
    EXPECT_FALSE(parse_rate(text).has_value()) << text;
  }
}

TEST(ParseRateTest, ANumberAloneDoesNotSayHowLongItIsFor) {
  EXPECT_EQ(parse_rate("5").error().text(), "\"5\" has no unit; write 5/s, 5/m or 5/h");
  EXPECT_EQ(parse_rate("0").error().text(),
            "no rate is \"0\"; write one like 100/s, 600/m or 1000/h");
  EXPECT_EQ(parse_rate("five").error().text(),
            "no rate is \"five\"; write one like 100/s, 600/m or 1000/h");
}

}  // namespace
}  // namespace sluice::replay
