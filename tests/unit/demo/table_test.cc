#include "demo/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace sluice::demo {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

PipelineRow flowing() {
  PipelineRow row;
  row.pipeline = "deposit";
  row.consumed = 1234;
  row.delivered = 1200;
  row.dead_lettered = 3;
  row.lag = 31;
  row.requests_per_second = 7.25;
  row.p99_seconds = 0.01;
  row.throttled = 2;
  row.reason = StallReason::flowing;
  return row;
}

PipelineRow parked() {
  PipelineRow row = flowing();
  row.pipeline = "withdraw";
  row.breaker_open = true;
  row.reason = StallReason::breaker_open;
  row.detail = "target data-pipeline: status 503; next try in 2 s";
  return row;
}

TEST(Table, HasALineForEachPipelineAndOneForAll) {
  const auto lines = lines_of(table({flowing(), parked()}, "", false));
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "pipeline            in delivered dead    lag req/s    p99 429s brk  reason");
  EXPECT_EQ(lines[1],
            "deposit           1234      1200    3     31   7.2  <10ms    2 ok   flowing");
  EXPECT_EQ(lines[2],
            "withdraw          1234      1200    3     31   7.2  <10ms    2 open breaker_open");
  EXPECT_EQ(lines[3], "all               2468      2400    6     62    14           4");
}

TEST(Table, SaysInWordsWhyAPipelineStandsStillAndWhatWasLogged) {
  const auto lines = lines_of(table({flowing(), parked()}, "WARN breaker_opened", false));
  EXPECT_EQ(lines[4], "withdraw: target data-pipeline: status 503; next try in 2 s");
  EXPECT_EQ(lines[5], "WARN breaker_opened");
}

TEST(Table, HasAsManyLinesWhateverThereIsToSay) {
  EXPECT_EQ(lines_of(table({flowing(), parked()}, "warning", false)).size(),
            lines_of(table({flowing(), flowing()}, "", false)).size());
}

TEST(Table, FitsEightyColumnsWithTheLongestOfEverything) {
  PipelineRow row = parked();
  row.pipeline = "gaming-activity";
  row.consumed = row.delivered = 123'456'789;
  row.dead_lettered = 12'345;
  row.lag = 123'456;
  row.requests_per_second = 12'345;
  row.throttled = 12'345;
  row.detail = std::string(200, 'x');
  for (const StallReason reason : kAllStallReasons) {
    row.reason = reason;
    for (const auto& line : lines_of(table({row}, std::string(200, 'w'), false))) {
      EXPECT_LE(line.size(), kColumns) << line;
    }
  }
}

TEST(Table, LargeNumbersAreRoundedBeforeTheyTouchEachOther) {
  PipelineRow row = flowing();
  row.pipeline = "gaming-activity";
  row.consumed = 1'234'567;
  row.delivered = 999'999'999;
  row.dead_lettered = 12'345;
  row.lag = 999'999;
  row.throttled = 1'234'567;
  EXPECT_EQ(lines_of(table({row}, "", false))[1],
            "gaming-activity  1234k 999999999  12k 999999   7.2  <10ms   1M ok   flowing");
}

TEST(Table, CutsBetweenCharactersAndKeepsALineALine) {
  PipelineRow row = parked();
  for (std::size_t padding = 0; padding < 4; ++padding) {
    row.detail = std::string(padding, 'x') + "line\nbreak ";
    for (int i = 0; i < 60; ++i) row.detail += "\u00e9";
    const auto lines = lines_of(table({row}, "", false));
    ASSERT_EQ(lines.size(), 5U);
    const std::string kept = lines[3].substr(0, lines[3].size() - 3);
    EXPECT_EQ(kept.substr(kept.size() - 2), "\u00e9");
  }
}

TEST(Table, UsesColourOnlyWhereItIsWanted) {
  EXPECT_THAT(table({flowing(), parked()}, "", false), Not(HasSubstr("\033")));
  const std::string coloured = table({flowing(), parked()}, "", true);
  EXPECT_THAT(coloured, HasSubstr("\033[31mopen \033[0m\033[33mbreaker_open\033[0m"));
  EXPECT_THAT(coloured, HasSubstr("ok   flowing\n"));
}

TEST(Table, ShowsTheBoundOfP99) {
  PipelineRow row = flowing();
  const auto p99 = [&](std::optional<double> seconds) {
    row.p99_seconds = seconds;
    return lines_of(table({row}, "", false))[1].substr(50, 7);
  };
  EXPECT_EQ(p99(0.0025), " <2.5ms");
  EXPECT_EQ(p99(0.25), " <250ms");
  EXPECT_EQ(p99(1), "    <1s");
  EXPECT_EQ(p99(2.5), "  <2.5s");
  EXPECT_EQ(p99(HUGE_VAL), "   >60s");
  EXPECT_EQ(p99(std::nullopt), "      -");
}

}  // namespace
}  // namespace sluice::demo
