#include "check/lint.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::check {
namespace {

const test::FakeClock kClock;
const WallTime kNow = kClock.wall_now();

TEST(LintTest, FindsNothingWrongWithALeastConfiguration) {
  config::Config config;
  config.pipelines.emplace_back().name = "p";
  EXPECT_TRUE(lint(config, kClock).empty());
}

TEST(LintTest, FindsAllAtOnceWhatTheFileAloneDoesNotShow) {
  config::Config config;
  config.kafka.properties["no.such.property"] = config::Secret("1");
  config.pipelines.emplace_back().name = "p";
  config.pipelines.back().schema = "/no/such/schema.json";
  config.kafka.properties["ssl.ca.location"] = config::Secret("/no/such/ca.pem");
  config.targets["api"].name = "api";
  config.targets["api"].tls.ca = "/no/such/api-ca.pem";
  const auto problems = lint(config, kClock);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0].cause.find("kafka.properties.no.such.property: "), 0U);
  EXPECT_EQ(problems[1].cause, "kafka.properties.ssl.ca.location: /no/such/ca.pem does not exist");
  EXPECT_EQ(problems[2].cause.find("targets.api.tls: "), 0U);
  EXPECT_EQ(problems[3].cause.find("pipelines.p.schema: "), 0U);
}

TEST(LintTest, AStartTimeToComeIsAMistake) {
  config::Config config;
  config.pipelines.emplace_back().name = "p";
  config.pipelines.back().start = config::Start::time;
  config.pipelines.back().start_time = kNow;
  EXPECT_TRUE(lint(config, kClock).empty());
  config.pipelines.back().start_time = kNow + std::chrono::seconds(1);
  ASSERT_EQ(lint(config, kClock).size(), 1U);
  EXPECT_EQ(lint(config, kClock)[0].cause, "pipelines.p.start: is a time to come");
}

}  // namespace
}  // namespace sluice::check
