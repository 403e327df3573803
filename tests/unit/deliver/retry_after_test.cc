#include "deliver/retry_after.h"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using std::chrono::seconds;

// 2026-11-25T18:00:00Z
const WallTime kNow{seconds(1'795'629'600)};

TEST(RetryAfterTest, ReadsSeconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after(" 5 ", kNow), seconds(5));
}

TEST(RetryAfterTest, ReadsAllThreeFormsOfADate) {
  EXPECT_EQ(parse_retry_after("Wed, 25 Nov 2026 18:01:00 GMT", kNow), seconds(60));
  EXPECT_EQ(parse_retry_after("Wednesday, 25-Nov-26 18:01:00 GMT", kNow), seconds(60));
  EXPECT_EQ(parse_retry_after("Wed Nov 25 18:01:00 2026", kNow), seconds(60));
}

TEST(RetryAfterTest, ADateThatHasPassedIsNow) {
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", kNow), seconds(0));
}

TEST(RetryAfterTest, NoWaitIsLongerThanTheLongest) {
  EXPECT_EQ(parse_retry_after("3599", kNow), seconds(3599));
  EXPECT_EQ(parse_retry_after("3600", kNow), kLongestRetryAfter);
  EXPECT_EQ(parse_retry_after("3601", kNow), kLongestRetryAfter);
}

TEST(RetryAfterTest, AbsurdWaitsAreCut) {
  EXPECT_EQ(parse_retry_after("86400", kNow), kLongestRetryAfter);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow), kLongestRetryAfter);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), kLongestRetryAfter);
}

TEST(RetryAfterTest, WhatIsNeitherIsAsIfItWereAbsent) {
  for (const char* text :
       {"", " ", "-5", "1.5", "5s", "soon", "0x10", "+3", "5, 6", "-99999999999999999999", "\xff",
        "Wed, 25 Nov 2026 18:01:00 GMT and more", "25 Nov 2026"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::deliver
