#include "check/lint.h"

#include <gtest/gtest.h>

namespace sluice::check {
namespace {

TEST(LintTest, FindsNothingWrongWithALeastConfiguration) {
  config::Config config;
  config.pipelines.emplace_back().name = "p";
  EXPECT_TRUE(lint(config).empty());
}

TEST(LintTest, FindsAllAtOnceWhatTheFileAloneDoesNotShow) {
  config::Config config;
  config.kafka.properties["no.such.property"] = config::Secret("1");
  config.pipelines.emplace_back().name = "p";
  config.pipelines.back().schema = "/no/such/schema.json";
  const auto problems = lint(config);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].cause.find("kafka.properties.no.such.property: "), 0U);
  EXPECT_EQ(problems[1].cause.find("pipelines.p.schema: "), 0U);
}

}  // namespace
}  // namespace sluice::check
