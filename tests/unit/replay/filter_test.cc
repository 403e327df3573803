#include "replay/filter.h"

#include <gtest/gtest.h>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

Letter letter(const LetterOf& of = {}, Place place = {0, 17}) {
  return *read_letter(place.partition, letter_at(place, of).view());
}

TEST(FilterTest, FitsEverythingWhereItIsEmpty) { EXPECT_TRUE(Filter{}.fits(letter())); }

TEST(FilterTest, ChoosesByPipelineReasonAndId) {
  EXPECT_TRUE((Filter{.pipelines = {"q", "p"}}.fits(letter())));
  EXPECT_FALSE((Filter{.pipelines = {"q"}}.fits(letter())));
  EXPECT_TRUE((Filter{.reasons = {"schema", "rejected"}}.fits(letter())));
  EXPECT_FALSE((Filter{.reasons = {"schema"}}.fits(letter())));
  EXPECT_TRUE((Filter{.ids = {"events/2/7"}}.fits(letter())));
  EXPECT_FALSE((Filter{.ids = {"events/2/70"}}.fits(letter())));
}

TEST(FilterTest, ChoosesByStatus) {
  EXPECT_TRUE((Filter{.statuses = {{500, 599}, {400, 400}}}.fits(letter())));
  EXPECT_FALSE((Filter{.statuses = {{401, 599}}}.fits(letter())));
  EXPECT_FALSE((Filter{.statuses = {{400, 400}}}.fits(letter({.status = std::nullopt}))));
  EXPECT_TRUE((Filter{.statuses = {{0, 0}}}.fits(letter({.status = std::nullopt}))));
}

TEST(FilterTest, SinceIncludesItsTimeAndUntilDoesNot) {
  EXPECT_TRUE((Filter{.since = kFailedAt}.fits(letter())));
  EXPECT_FALSE((Filter{.since = kFailedAt + std::chrono::milliseconds(1)}.fits(letter())));
  EXPECT_FALSE((Filter{.until = kFailedAt}.fits(letter())));
  EXPECT_TRUE((Filter{.until = kFailedAt + std::chrono::milliseconds(1)}.fits(letter())));
}

TEST(FilterTest, OffsetsAreThoseOfTheDeadLetterTopicBothIncluded) {
  EXPECT_TRUE((Filter{.from_offset = 17, .to_offset = 17}.fits(letter())));
  EXPECT_FALSE((Filter{.from_offset = 18}.fits(letter())));
  EXPECT_FALSE((Filter{.to_offset = 16}.fits(letter())));
  EXPECT_TRUE((Filter{.at = Place{0, 17}}.fits(letter())));
  EXPECT_FALSE((Filter{.at = Place{1, 17}}.fits(letter())));
}

TEST(ParseStatusTest, TakesOneAHundredASpanAndNone) {
  const auto span = [](const char* text) {
    const auto parsed = parse_status(text);
    return parsed ? std::pair(parsed->first, parsed->last) : std::pair(-1, -1);
  };
  EXPECT_EQ(span("400"), std::pair(400, 400));
  EXPECT_EQ(span("5xx"), std::pair(500, 599));
  EXPECT_EQ(span("400-499"), std::pair(400, 499));
  EXPECT_EQ(span("none"), std::pair(0, 0));
  for (const char* text : {"", "6xx", "xx", "40", "4000", "499-400", "400-", "-400", "4x"}) {
    EXPECT_EQ(span(text), std::pair(-1, -1)) << text;
  }
}

TEST(ParseWhenTest, TakesATimeOrHowLongAgoItWas) {
  EXPECT_EQ(parse_when("2h", kFailedAt).value(), kFailedAt - std::chrono::hours(2));
  EXPECT_EQ(parse_when("2026-09-21T14:13:20Z", WallTime{}).value(), kFailedAt);
  const auto wrong = parse_when("tomorrow", kFailedAt);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().remedy.find("2h"), std::string::npos);
}

}  // namespace
}  // namespace sluice::replay
