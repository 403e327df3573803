#include "credentials/token_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/fake_clock.h"

namespace sluice::credentials {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The same each time.
class Fixed final : public Random {
 public:
  explicit Fixed(double value) : value_(value) {}
  double next_unit() override { return value_; }
  void set(double value) { value_ = value; }

 private:
  double value_;
};

class TokenScheduleTest : public testing::Test {
 protected:
  Duration until_due() const { return schedule_.due() - clock_.now(); }

  test::FakeClock clock_;
  Fixed random_{0.5};
  TokenSchedule schedule_{clock_.now(), random_};
};

TEST_F(TokenScheduleTest, BeginsAtOnce) { EXPECT_EQ(until_due(), seconds(0)); }

TEST_F(TokenScheduleTest, AsksAgainBeforeATokenEnds) {
  random_.set(0);
  schedule_.fetched(clock_.now(), seconds(1000));
  EXPECT_EQ(until_due(), seconds(600));
  random_.set(0.5);
  schedule_.fetched(clock_.now(), seconds(1000));
  EXPECT_EQ(until_due(), seconds(700));
  random_.set(1);
  schedule_.fetched(clock_.now(), seconds(1000));
  EXPECT_EQ(until_due(), seconds(800));
}

TEST_F(TokenScheduleTest, DrawsEachTimeAnew) {
  SeededRandom random(1);
  TokenSchedule schedule(clock_.now(), random);
  Duration least = seconds(1000);
  Duration most{};
  for (int i = 0; i < 100; ++i) {
    schedule.fetched(clock_.now(), seconds(1000));
    least = std::min(least, schedule.due() - clock_.now());
    most = std::max(most, schedule.due() - clock_.now());
  }
  EXPECT_GE(least, seconds(600));
  EXPECT_LT(least, seconds(620));
  EXPECT_LE(most, seconds(800));
  EXPECT_GT(most, seconds(780));
}

TEST_F(TokenScheduleTest, LeavesASecondBetweenShortLives) {
  schedule_.fetched(clock_.now(), milliseconds(1));
  EXPECT_EQ(until_due(), seconds(1));
}

TEST_F(TokenScheduleTest, TakesAnUntoldLifeForAnHour) {
  schedule_.fetched(clock_.now(), std::nullopt);
  EXPECT_EQ(until_due(), minutes(42));
}

TEST_F(TokenScheduleTest, BacksOffWithJitter) {
  random_.set(0);
  for (const seconds ceiling : {seconds(1), seconds(2), seconds(4), seconds(8), seconds(16),
                                seconds(32), seconds(60), seconds(60), seconds(60)}) {
    schedule_.failed(clock_.now());
    EXPECT_EQ(until_due(), Duration(ceiling) / 2);
  }
  random_.set(1);
  schedule_.failed(clock_.now());
  EXPECT_EQ(until_due(), seconds(60));
}

TEST_F(TokenScheduleTest, BeginsAnewAfterASuccess) {
  for (int i = 0; i < 5; ++i) schedule_.failed(clock_.now());
  schedule_.fetched(clock_.now(), seconds(1000));
  schedule_.failed(clock_.now());
  EXPECT_EQ(until_due(), milliseconds(750));
}

TEST_F(TokenScheduleTest, WaitsAsLongAsTheServerWants) {
  schedule_.failed(clock_.now(), minutes(3));
  EXPECT_EQ(until_due(), minutes(3));
}

TEST_F(TokenScheduleTest, AsksAtOnceWhenATokenIsRefused) {
  schedule_.fetched(clock_.now(), seconds(1000));
  clock_.advance(minutes(1));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), seconds(0));
}

TEST_F(TokenScheduleTest, LeavesSomeTimeBetweenTokensThatAreRefused) {
  schedule_.fetched(clock_.now(), seconds(1000));
  schedule_.refused(clock_.now());
  schedule_.refused(clock_.now());  // for another request
  EXPECT_EQ(until_due(), seconds(0));
  clock_.advance(seconds(1));
  schedule_.fetched(clock_.now(), seconds(1000));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), seconds(29));
  clock_.advance(seconds(5));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), seconds(24));
}

TEST_F(TokenScheduleTest, IsNotDelayedByARefusal) {
  schedule_.fetched(clock_.now(), seconds(10));
  schedule_.refused(clock_.now());
  schedule_.fetched(clock_.now(), seconds(10));  // due after 7 s
  clock_.advance(seconds(1));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), seconds(6));
}

// Else each 401 would undo the backoff.
TEST_F(TokenScheduleTest, AsksNoSoonerForARefusalWhileAskingFails) {
  schedule_.fetched(clock_.now(), seconds(1000));
  clock_.advance(minutes(2));
  schedule_.failed(clock_.now(), minutes(1));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), minutes(1));
}

TEST_F(TokenScheduleTest, HasNothingRefusedBeforeTheFirstToken) {
  schedule_.failed(clock_.now(), minutes(1));
  schedule_.refused(clock_.now());
  EXPECT_EQ(until_due(), minutes(1));
}

}  // namespace
}  // namespace sluice::credentials
