#include "check/lint.h"

#include <gtest/gtest.h>

namespace sluice::check {
namespace {

constexpr WallTime kNow{std::chrono::hours(500'000)};

TEST(LintTest, FindsNothingWrongWithALeastConfiguration) {
  config::Config config;
  config.pipelines.emplace_back().name = "p";
  EXPECT_TRUE(lint(config, kNow).empty());
}

TEST(LintTest, FindsAllAtOnceWhatTheFileAloneDoesNotShow) {
  config::Config config;
  config.kafka.properties["no.such.property"] = config::Secret("1");
  config.pipelines.emplace_back().name = "p";
  config.pipelines.back().schema = "/no/such/schema.json";
  const auto problems = lint(config, kNow);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].cause.find("kafka.properties.no.such.property: "), 0U);
  EXPECT_EQ(problems[1].cause.find("pipelines.p.schema: "), 0U);
}

TEST(LintTest, AStartTimeToComeIsAMistake) {
  config::Config config;
  config.pipelines.emplace_back().name = "p";
  config.pipelines.back().start = config::Start::time;
  config.pipelines.back().start_time = kNow;
  EXPECT_TRUE(lint(config, kNow).empty());
  config.pipelines.back().start_time = kNow + std::chrono::seconds(1);
  ASSERT_EQ(lint(config, kNow).size(), 1U);
  EXPECT_EQ(lint(config, kNow)[0].cause, "pipelines.p.start: is a time to come");
}

}  // namespace
}  // namespace sluice::check
