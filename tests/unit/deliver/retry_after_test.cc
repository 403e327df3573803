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

// The clock's nanoseconds hold the years 1678 to 2262, a date any of four digits.
TEST(RetryAfterTest, DatesBeyondTheClocksOwnAreInThePastOrFarAhead) {
  for (const char* past : {"Sat, 01 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
                           "Sat Jan  1 00:00:00 0000", "Fri, 31 Dec 1677 23:59:59 GMT"}) {
    EXPECT_EQ(parse_retry_after(past, kNow), seconds(0)) << past;
  }
  for (const char* future : {"Sat, 12 Apr 2262 00:00:00 GMT", "Sat, 01 Jan 2300 00:00:00 GMT",
                             "Fri Dec 31 23:59:59 9999"}) {
    EXPECT_EQ(parse_retry_after(future, kNow), kLongestRetryAfter) << future;
  }
}

TEST(RetryAfterTest, WhatIsNeitherIsAsIfItWereAbsent) {
  for (const char* text :
       {"", " ", "-5", "1.5", "5s", "soon", "0x10", "+3", "5, 6", "-99999999999999999999", "\xff",
        "Wed, 25 Nov 2026 18:01:00 GMT and more", "25 Nov 2026", "Wed, 25 Nov 2026 18:01:00 +0100",
        "Wed, 99 Nov 2026 18:01:00 GMT", "Wed, 25 Nov 10000 18:01:00 GMT",
        "Wed, 25 Nov -001 18:01:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::deliver
