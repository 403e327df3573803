#include "service/kafka_log.h"

#include <gtest/gtest.h>

#include "support/test_log.h"

namespace sluice::service {
namespace {

TEST(KafkaLog, KeepsApartWhatDiffersEachTime) {
  test::TestLog log;
  KafkaLog kafka(log);
  kafka.write(3, "FAIL: b/1: Connect to b failed: refused (after 0ms in state CONNECT, 3 more)");
  kafka.write(6, "[thrd:main]: no brackets behind it");
  const auto lines = log.lines(telemetry::Event::kafka_log);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].level, telemetry::Level::error);
  EXPECT_EQ(lines[0].text("detail"), "FAIL: b/1: Connect to b failed: refused");
  EXPECT_EQ(lines[0].text("circumstances"), "(after 0ms in state CONNECT, 3 more)");
  EXPECT_EQ(lines[1].text("detail"), "[thrd:main]: no brackets behind it");
  EXPECT_EQ(lines[1].text("circumstances"), "(none)");
}

}  // namespace
}  // namespace sluice::service
