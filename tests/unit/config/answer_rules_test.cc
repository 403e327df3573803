// What a pipeline reads out of answers: results and verdicts.
#include <gtest/gtest.h>

#include <string>

#include "config/loader.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

Pipeline load(const std::string& keys) {
  const auto config = load_and_compare(
      "kafka: {brokers: [localhost:9092]}\n"
      "targets: {api: {base_url: https://api.example.com}}\n"
      "pipelines: {p: {topics: [t], group: g, target: api, path: /p, dead_letter: none, " +
          keys + "}}\n",
      "test.yaml", {});
  if (config) return config->pipelines.at(0);
  for (const Problem& problem : config.error()) ADD_FAILURE() << problem.text();
  return {};
}

VerdictOverride only_override(const std::string& text) {
  const auto pipeline = load("verdicts: [" + text + "]");
  return pipeline.verdicts.empty() ? VerdictOverride{} : pipeline.verdicts[0];
}

TEST(VerdictsKey, KeepsTheOrderOfTheFileSinceTheFirstDecides) {
  const auto pipeline = load(
      "verdicts: [{status: 409, verdict: delivered}, {status: 400-499, verdict: misconfigured}]");
  ASSERT_EQ(pipeline.verdicts.size(), 2U);
  EXPECT_EQ(pipeline.verdicts[0].verdict, Verdict::delivered);
  EXPECT_EQ(pipeline.verdicts[1].verdict, Verdict::misconfigured);
}

TEST(VerdictsKey, TakesOneStatusOrManyFrom100To599) {
  const auto override = only_override("{status: [100, 400-499, 599], verdict: retry}");
  ASSERT_EQ(override.statuses.size(), 3U);
  EXPECT_EQ(override.statuses[0].first, 100);
  EXPECT_EQ(override.statuses[1].first, 400);
  EXPECT_EQ(override.statuses[1].last, 499);
  EXPECT_EQ(override.statuses[2].last, 599);
  EXPECT_EQ(only_override("{status: 409, verdict: retry}").statuses.size(), 1U);
}

TEST(AnswerPointers, MayBeOfTheWholeAnswerWhereTheyStandInQuotes) {
  const auto results = load(R"(results: {pointer: "", id: "", record_id: ""})").results;
  EXPECT_EQ(results->pointer, "");
  EXPECT_EQ(results->id, "");
  EXPECT_EQ(results->record_id, "");
  EXPECT_EQ(load(R"(results: {pointer: "", id: /id, record_id: ""})").results->record_id, "");
  EXPECT_EQ(load(R"(expect: "")").expect, "");
  EXPECT_EQ(only_override(R"({body: {pointer: "", equals: ok}, verdict: delivered})").body->pointer,
            "");
}

TEST(VerdictsKey, HoldsForAnyStatusWhereNoneIsNamed) {
  const auto override = only_override("{body: {contains: NOTOK}, verdict: rejected}");
  EXPECT_TRUE(override.statuses.empty());
  EXPECT_FALSE(override.header);
  ASSERT_TRUE(override.body);
  EXPECT_FALSE(override.body->pointer);
  EXPECT_EQ(override.body->value.contains, "NOTOK");
}

TEST(VerdictsKey, ComparesHeaderNamesInLowerCaseAndTakesThoseOfEveryAnswer) {
  const auto override =
      only_override("{header: {name: Content-Type, contains: html}, verdict: retry}");
  ASSERT_TRUE(override.header);
  EXPECT_EQ(override.header->name, "content-type");
  EXPECT_EQ(override.header->value.contains, "html");
}

TEST(VerdictsKey, WantsAHeaderOrAPlaceInTheBodyOnlyToBeThere) {
  const auto override =
      only_override("{header: {name: x-error}, body: {pointer: /error}, verdict: retry}");
  ASSERT_TRUE(override.header && override.body);
  EXPECT_TRUE(override.header->value.equals.empty());
  EXPECT_FALSE(override.header->value.contains);
  EXPECT_EQ(override.body->pointer, "/error");
  EXPECT_TRUE(override.body->value.equals.empty());
}

TEST(VerdictsKey, TakesNumbersAndBooleansAsTheTextTheyAreWrittenAs) {
  const auto override =
      only_override("{body: {pointer: /ok, equals: [false, 0, \"no\"]}, verdict: rejected}");
  ASSERT_TRUE(override.body);
  EXPECT_EQ(override.body->value.equals, (std::vector<std::string>{"false", "0", "no"}));
  const auto single = only_override("{body: {pointer: /ok, equals: 0}, verdict: rejected}");
  ASSERT_TRUE(single.body);
  EXPECT_EQ(single.body->value.equals, (std::vector<std::string>{"0"}));
}

TEST(VerdictsKey, KnowsEveryVerdict) {
  for (const Verdict verdict : kAllVerdicts) {
    EXPECT_EQ(
        only_override("{status: 418, verdict: " + std::string(to_string(verdict)) + "}").verdict,
        verdict);
  }
}

TEST(ResultsKey, NamesRecordsByNumberByIdOrByTheirPlaceInTheList) {
  const auto by_index = load("results: {pointer: /errors, index: /i}").results;
  ASSERT_TRUE(by_index);
  EXPECT_EQ(by_index->pointer, "/errors");
  EXPECT_EQ(by_index->index, "/i");
  EXPECT_FALSE(by_index->id || by_index->status || by_index->retryable);
  const auto by_id = load("results: {pointer: /errors, id: /id, record_id: /event_id}").results;
  ASSERT_TRUE(by_id);
  EXPECT_EQ(by_id->id, "/id");
  EXPECT_EQ(by_id->record_id, "/event_id");
  const auto by_place = load("results: {pointer: /items, status: /status}").results;
  ASSERT_TRUE(by_place);
  EXPECT_FALSE(by_place->index || by_place->id);
  EXPECT_EQ(by_place->status, "/status");
}

TEST(ResultsKey, MayStandBesideBodiesOfOneRecord) {
  EXPECT_TRUE(load("body: json, results: {pointer: /errors, index: /i}").results);
}

TEST(GroupByKey, TakesOneNameWithoutAList) {
  EXPECT_EQ(load("group_by: header:tenant").group_by, (std::vector<std::string>{"header:tenant"}));
}

}  // namespace
}  // namespace sluice::config
