#include "explain/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AnswersTest : public Explaining {
 protected:
  Answers answers() {
    return answers_of(config_.pipelines.front(), config_.targets.at("api"), clock_.wall_now());
  }
  std::vector<std::string> leading_to(Verdict verdict) {
    for (const auto& row : answers().rows) {
      if (row.verdict == verdict) return row.answers;
    }
    return {};
  }
  std::string follows(Verdict verdict) {
    for (const auto& row : answers().rows) {
      if (row.verdict == verdict) return row.follows;
    }
    return {};
  }
};

TEST_F(AnswersTest, AreThoseOfTheDocumentation) {
  configure("", ", path: /orders, dead_letter: {topic: orders.dlq}");
  EXPECT_THAT(answers().own_rules, IsEmpty());
  EXPECT_THAT(leading_to(Verdict::delivered), ElementsAre("200-206", "208-299"));
  EXPECT_THAT(leading_to(Verdict::retry),
              ElementsAre("100-199", "408", "425", "500-599", "no answer"));
  EXPECT_THAT(leading_to(Verdict::throttled), ElementsAre("429", "503 with Retry-After"));
  EXPECT_THAT(leading_to(Verdict::split),
              ElementsAre("413", "400 whose text says that the request is too large"));
  EXPECT_THAT(leading_to(Verdict::unauthorized), ElementsAre("401", "403"));
  EXPECT_THAT(leading_to(Verdict::misconfigured),
              ElementsAre("207", "300-399", "404-405", "410", "415"));
}

TEST_F(AnswersTest, FollowTheConfiguration) {
  configure("",
            ", path: '/of/{key}', dead_letter: {topic: orders.dlq}, success: [200, 202], expect: "
            "/count, verdicts: [{status: 409, verdict: delivered}]");
  EXPECT_THAT(leading_to(Verdict::delivered),
              ElementsAre("200", "202", "409", "where /count is the number of records"));
  EXPECT_THAT(leading_to(Verdict::misconfigured), Contains("a success where /count is not"));
  EXPECT_THAT(leading_to(Verdict::misconfigured), Contains("201"));
  EXPECT_THAT(leading_to(Verdict::rejected), Contains("404")) << "of a path made from records";
}

TEST_F(AnswersTest, RulesThatAskForMoreThanAStatusStandBeforeAllElse) {
  configure("",
            ", path: /orders, dead_letter: none, verdicts: [{status: 200, body: {pointer: /status, "
            "equals: 0}, verdict: rejected}, {header: {name: x-kind, contains: quota}, verdict: "
            "throttled}]");
  const auto rules = answers().own_rules;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].answer, "200 where /status is \"0\"");
  EXPECT_EQ(rules[0].verdict, Verdict::rejected);
  EXPECT_EQ(rules[1].answer, "any status where header x-kind contains \"quota\"");
}

TEST_F(AnswersTest, WhatFollowsHasThePipelinesOwnValues) {
  configure(", circuit_breaker: {open_for: 7s}",
            ", path: /orders, dead_letter: {topic: orders.dlq}, retry: {attempts: 4}");
  EXPECT_THAT(follows(Verdict::rejected), HasSubstr("goes to orders.dlq as rejected"));
  EXPECT_THAT(follows(Verdict::split), HasSubstr("goes to orders.dlq as too_large"));
  EXPECT_THAT(follows(Verdict::retry), HasSubstr("fails 4 times"));
  EXPECT_THAT(follows(Verdict::retry), HasSubstr("goes to orders.dlq as exhausted"));
  EXPECT_THAT(follows(Verdict::unauthorized), HasSubstr("after 7s"));
  configure("", ", path: /orders, dead_letter: none, on_exhausted: drop");
  EXPECT_THAT(follows(Verdict::rejected), HasSubstr("no_dead_letter_topic"));
  EXPECT_THAT(follows(Verdict::retry), HasSubstr("is dropped"));
}

}  // namespace
}  // namespace sluice::explain
