#include "base/record_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace sluice {
namespace {

using std::chrono::milliseconds;

TEST(RecordTimeTest, IsTheMomentThatTheTimestampNames) {
  EXPECT_EQ(record_time(1'790'000'000'123), WallTime(milliseconds(1'790'000'000'123)));
  EXPECT_EQ(record_time(-1), WallTime(milliseconds(-1)));
}

TEST(RecordTimeTest, MicrosecondsTakenForMillisecondsAreFarAheadAndNotInThePast) {
  const WallTime now(milliseconds(1'790'000'000'123));
  EXPECT_GT(record_time(1'790'000'000'123'000), now);
  EXPECT_GT(record_time(std::numeric_limits<std::int64_t>::max()), now);
  EXPECT_LT(record_time(std::numeric_limits<std::int64_t>::min()), now);
}

}  // namespace
}  // namespace sluice
