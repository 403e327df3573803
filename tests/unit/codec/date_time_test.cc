#include "codec/date_time.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::codec {
namespace {

TEST(DateTimeTest, AcceptsDatesOfTheCalendar) {
  for (const char* date : {"2026-01-31", "2024-02-29", "2000-02-29", "0001-12-01", "9999-12-31"}) {
    EXPECT_TRUE(is_date(date)) << date;
  }
}

TEST(DateTimeTest, RefusesOtherDates) {
  for (const char* date :
       {"", "2026-1-31", "2026-02-29", "1900-02-29", "2026-00-10", "2026-13-01", "2026-04-31",
        "2026-01-00", "2026/01/01", "02026-01-01", "2026-01-01Z", "2026-01-0x", "+026-01-01"}) {
    EXPECT_FALSE(is_date(date)) << date;
  }
}

TEST(DateTimeTest, AcceptsTimesWithAZone) {
  for (const char* time :
       {"00:00:00Z", "23:59:60z", "12:30:01.5Z", "12:30:01.123456789+02:00", "12:30:01-23:59"}) {
    EXPECT_TRUE(is_time(time)) << time;
  }
}

TEST(DateTimeTest, RefusesOtherTimes) {
  for (const char* time : {"", "12:30:01", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:30:01.Z",
                           "12:30:01.", "12:30:01.5", "12:30:01+2:00", "12:30:01+02:60",
                           "12:30:01+24:00", "12:30Z", "12:30:01ZZ", "12-30-01Z", "1x:00:00Z"}) {
    EXPECT_FALSE(is_time(time)) << time;
  }
}

TEST(DateTimeTest, JoinsDateAndTimeWithT) {
  EXPECT_TRUE(is_date_time("2026-04-01T12:30:01.250Z"));
  EXPECT_TRUE(is_date_time("2026-04-01t12:30:01+02:00"));
  for (const char* text : {"", "2026-04-01", "2026-04-01T", "2026-04-01 12:30:01Z",
                           "2026-04-01T12:30Z", "2026-02-30T12:30:01Z", "T12:30:01Z"}) {
    EXPECT_FALSE(is_date_time(text)) << text;
  }
  EXPECT_FALSE(is_date_time("2026-04-01T12:30:01." + std::string(1'000'000, '1')));
}

}  // namespace
}  // namespace sluice::codec
