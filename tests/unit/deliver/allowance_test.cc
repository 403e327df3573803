#include "deliver/allowance.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class AllowanceTest : public testing::Test {
 protected:
  std::optional<Allowance> read(std::vector<http::Header> headers) const {
    return read_allowance({200, std::move(headers), ""}, clock_.wall_now());
  }
  static void expect(const std::optional<Allowance>& allowance, std::uint64_t remaining,
                     Duration reset) {
    ASSERT_TRUE(allowance.has_value());
    EXPECT_EQ(allowance->remaining, remaining);
    EXPECT_EQ(allowance->reset, reset);
  }

  test::FakeClock clock_;  // at 1'790'000'000
};

TEST_F(AllowanceTest, ReadsThePairWithAndWithoutX) {
  expect(read({{"ratelimit-remaining", "5"}, {"ratelimit-reset", " 30 "}}), 5, seconds(30));
  expect(read({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "0.5"}}), 0,
         milliseconds(500));
}

TEST_F(AllowanceTest, ReadsUnixTimesInSecondsAndMilliseconds) {
  expect(read({{"x-ratelimit-remaining", "5"}, {"x-ratelimit-reset", "1790000020"}}), 5,
         seconds(20));
  expect(read({{"x-ratelimit-remaining", "5"}, {"x-ratelimit-reset", "1790000020500"}}), 5,
         milliseconds(20'500));
}

TEST_F(AllowanceTest, ReadsTheTightestPolicyOfTheDraft) {
  expect(read({{"ratelimit", R"("default";r=50;t=30)"}}), 50, seconds(30));
  expect(read({{"ratelimit", R"("minute";r=50;t=30, "second"; t=1; r=3)"}}), 3, seconds(1));
}

TEST_F(AllowanceTest, CutsAbsurdResets) {
  expect(read({{"ratelimit-remaining", "1"}, {"ratelimit-reset", "999999"}}), 1, hours(1));
  expect(read({{"ratelimit-remaining", "1"}, {"ratelimit-reset", "99999999999999999999"}}), 1,
         hours(1));
}

TEST_F(AllowanceTest, IgnoresWhatMakesNoSense) {
  EXPECT_FALSE(read({}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "0"}})) << "until when";
  EXPECT_FALSE(read({{"ratelimit-reset", "5"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "-1"}, {"ratelimit-reset", "5"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "many"}, {"ratelimit-reset", "5"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "1.2.3"}, {"ratelimit-reset", "5"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", ""}, {"ratelimit-reset", "5"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "3"}, {"ratelimit-reset", "0"}}));
  EXPECT_FALSE(read({{"ratelimit-remaining", "3"}, {"ratelimit-reset", "1700000000"}})) << "over";
  EXPECT_FALSE(read({{"ratelimit", ";;r=;t=,"}}));
}

}  // namespace
}  // namespace sluice::deliver
