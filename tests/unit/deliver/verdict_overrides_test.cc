#include "deliver/verdict_overrides.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace sluice::deliver {
namespace {

using config::VerdictOverride;

http::Answer answer(int status, std::string body = {}, std::vector<http::Header> headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

bool holds(const VerdictOverride& rule, const http::Answer& answer) {
  return matching_override({rule}, answer).has_value();
}

VerdictOverride of_statuses(std::vector<config::StatusRange> statuses) {
  VerdictOverride rule;
  rule.statuses = std::move(statuses);
  return rule;
}

VerdictOverride of_header(const std::string& name, const config::TextMatch& value) {
  VerdictOverride rule;
  rule.header = config::HeaderMatch{name, value};
  return rule;
}

VerdictOverride of_body(const std::optional<std::string>& pointer, const config::TextMatch& value) {
  VerdictOverride rule;
  rule.body = config::BodyMatch{pointer, value};
  return rule;
}

const config::TextMatch kThere;

TEST(VerdictOverridesTest, TheFirstThatHoldsDecides) {
  const std::vector<VerdictOverride> rules{of_statuses({{409, 409}}), of_statuses({{400, 499}}),
                                           of_statuses({{400, 400}})};
  EXPECT_EQ(matching_override(rules, answer(409)), 0U);
  EXPECT_EQ(matching_override(rules, answer(400)), 1U);
  EXPECT_EQ(matching_override(rules, answer(500)), std::nullopt);
  EXPECT_EQ(matching_override({}, answer(409)), std::nullopt);
}

TEST(VerdictOverridesTest, ARangeHoldsBothItsEnds) {
  const auto rule = of_statuses({{200, 201}, {500, 599}});
  for (const int status : {200, 201, 500, 599}) EXPECT_TRUE(holds(rule, answer(status))) << status;
  for (const int status : {199, 202, 499, 600}) EXPECT_FALSE(holds(rule, answer(status))) << status;
}

TEST(VerdictOverridesTest, AllConditionsHaveToHold) {
  VerdictOverride rule = of_statuses({{503, 503}});
  rule.header = config::HeaderMatch{"x-error-kind", {{"quota"}, std::nullopt}};
  rule.body = config::BodyMatch{"/busy", {{"true"}, std::nullopt}};
  const std::vector<http::Header> quota{{"x-error-kind", "quota"}};
  EXPECT_TRUE(holds(rule, answer(503, R"({"busy":true})", quota)));
  EXPECT_FALSE(holds(rule, answer(500, R"({"busy":true})", quota)));
  EXPECT_FALSE(holds(rule, answer(503, R"({"busy":false})", quota)));
  EXPECT_FALSE(holds(rule, answer(503, R"({"busy":true})")));
}

TEST(VerdictOverridesTest, AHeaderIsThereEqualsOrContains) {
  const auto with = [](const char* value) { return answer(200, "", {{"x-error", value}}); };
  EXPECT_TRUE(holds(of_header("x-error", kThere), with("")));
  EXPECT_FALSE(holds(of_header("x-error", kThere), answer(200)));
  const config::TextMatch equals{{"quota", "rate"}, std::nullopt};
  EXPECT_TRUE(holds(of_header("x-error", equals), with("rate")));
  EXPECT_FALSE(holds(of_header("x-error", equals), with("rates")));
  const config::TextMatch contains{{}, "quota"};
  EXPECT_TRUE(holds(of_header("x-error", contains), with("out of quota today")));
  EXPECT_FALSE(holds(of_header("x-error", contains), with("Quota")));
}

TEST(VerdictOverridesTest, OneOfSeveralHeadersOfTheNameIsEnough) {
  const auto twice = answer(200, "", {{"x-error", "none"}, {"x-error", "quota"}});
  EXPECT_TRUE(holds(of_header("x-error", {{"quota"}, std::nullopt}), twice));
}

TEST(VerdictOverridesTest, AFieldOfTheBodyIsComparedAsItIsWritten) {
  const auto says = [](const std::string& value, const std::string& body) {
    return holds(of_body("/s", {{value}, std::nullopt}), answer(200, body));
  };
  EXPECT_TRUE(says("0", R"({"s":"0"})"));
  EXPECT_TRUE(says("0", R"({"s":0})"));
  EXPECT_FALSE(says("0", R"({"s":0.0})"));
  EXPECT_TRUE(says("false", R"({"s":false})"));
  EXPECT_TRUE(says("1", R"({"n":1e400,"s":1})"));
  EXPECT_FALSE(says("null", R"({"s":null})"));
  EXPECT_FALSE(says("", R"({"s":null})"));
  EXPECT_TRUE(says("", R"({"s":""})"));
}

TEST(VerdictOverridesTest, AFieldOfTheBodyIsThereOrNot) {
  const auto rule = of_body("/error", kThere);
  EXPECT_TRUE(holds(rule, answer(200, R"({"error":""})")));
  EXPECT_TRUE(holds(rule, answer(200, R"({"error":0})")));
  for (const char* body :
       {R"({"error":null})", R"({"error":{}})", R"({"errors":"x"})", R"({"error":"a","error":"b"})",
        "", "<html>/error</html>", "error", R"({"error":"x"}trailing)", R"(["error"])"}) {
    EXPECT_FALSE(holds(rule, answer(200, body))) << body;
  }
}

TEST(VerdictOverridesTest, AFieldOfTheBodyMayOnlyContainTheText) {
  const auto rule = of_body("/m", config::TextMatch{{}, "NOTOK"});
  EXPECT_TRUE(holds(rule, answer(200, R"({"m":"it is NOTOK here"})")));
  EXPECT_FALSE(holds(rule, answer(200, R"({"m":"OK","n":"NOTOK"})")));
}

TEST(VerdictOverridesTest, TheWholeBodyNeedNotBeJson) {
  const auto rule = of_body(std::nullopt, {{}, "<title>Maintenance"});
  EXPECT_TRUE(holds(rule, answer(200, "<html><title>Maintenance</title>")));
  EXPECT_FALSE(holds(rule, answer(200, "<html><title>Welcome</title>")));
  EXPECT_FALSE(holds(rule, answer(200)));
}

TEST(VerdictOverridesTest, ALongBodyIsSearchedOnlyAtItsBeginning) {
  const auto rule = of_body(std::nullopt, {{}, "needle"});
  EXPECT_TRUE(holds(rule, answer(200, std::string(kSearchedBody - 6, 'x') + "needle")));
  EXPECT_FALSE(holds(rule, answer(200, std::string(kSearchedBody - 5, 'x') + "needle")));
}

TEST(VerdictOverridesTest, AnAnswerOfHostileDepthIsReadLikeAnyOther) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(holds(of_body("/0/0/0", kThere), answer(200, deep)));
  EXPECT_TRUE(holds(of_body("/b", kThere), answer(200, R"({"a":)" + deep + R"(,"b":1})")));
}

// Whatever an API answers, one that is cut or damaged anywhere never reads past its end and never
// meets a condition that the whole JSON value does not meet.
TEST(VerdictOverridesTest, DamagedAnswersMeetNoConditionOfAField) {
  const auto rule = of_body("/a/1/b", {{"yes"}, std::nullopt});
  const std::string whole = R"({"x":[1e400,-0.5,null,"\u00e9\n"],"a":[true,{"b":"yes"}]})";
  ASSERT_TRUE(holds(rule, answer(200, whole)));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(holds(rule, answer(200, whole.substr(0, length)))) << length;
  }
  SeededRandom random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = whole;
    damaged[random.next_bits() % damaged.size()] = static_cast<char>(random.next_bits());
    if (damaged.find(R"("b":"yes")") != damaged.npos) continue;
    EXPECT_FALSE(holds(rule, answer(200, damaged))) << damaged;
  }
}

}  // namespace
}  // namespace sluice::deliver
