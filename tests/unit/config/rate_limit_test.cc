#include "config/rate_limit.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sluice::config {
namespace {

RateLimit limit(RateUnit unit, std::uint64_t amount, Duration per) {
  RateLimit made;
  made.unit = unit;
  made.limit = amount;
  made.per = per;
  return made;
}

TEST(RateLimitText, IsThatOfTheConfiguration) {
  EXPECT_EQ(text_of(limit(RateUnit::requests, 1000, std::chrono::seconds(1))), "1000 requests/1s");
  EXPECT_EQ(text_of(limit(RateUnit::records, 60, std::chrono::hours(1))), "60 records/1h");
  EXPECT_EQ(text_of(limit(RateUnit::bytes, 10 << 20, std::chrono::seconds(90))), "10MiB/90s");
}

}  // namespace
}  // namespace sluice::config
