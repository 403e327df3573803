#include "glance/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "glance/picture.h"

namespace sluice::glance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string file_of(const std::string& name) {
  return std::string(SLUICE_SOURCE_DIR) + "/tests/golden/status/" + name;
}

std::string read(const std::string& name) {
  const std::ifstream in(file_of(name));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Document document_of(const std::string& name) {
  auto document = read_document(read(name + ".json"));
  EXPECT_TRUE(document) << name;
  return document.value_or(Document{});
}

// tests/golden/status: NAME.json as /status says it, NAME.txt as it is shown.
class ScreenTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Of, ScreenTest, testing::Values("rest", "outage", "poison", "crowded"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(ScreenTest, IsWhatItWas) {
  const std::string name = GetParam();
  const std::string shown = screen(document_of(name), false);
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr)
    std::ofstream(file_of(name + ".txt")) << shown;
  EXPECT_EQ(shown, read(name + ".txt")) << "if that is wanted: SLUICE_UPDATE_GOLDEN=1";
}

TEST_P(ScreenTest, FitsATerminalAndMovesNoCursor) {
  std::istringstream lines(screen(document_of(GetParam()), false));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), kColumns) << line;
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
  }
}

TEST_P(ScreenTest, ColoursAddNothingElse) {
  const Document document = document_of(GetParam());
  std::string painted = screen(document, true);
  EXPECT_THAT(painted, HasSubstr("\033[1m"));
  for (std::size_t at = painted.find('\033'); at != painted.npos; at = painted.find('\033')) {
    painted.erase(at, painted.find('m', at) - at + 1);
  }
  EXPECT_EQ(painted, screen(document, false));
}

TEST(DocumentTest, AllFlowsOnlyWhereNothingStandsStill) {
  EXPECT_TRUE(document_of("rest").all_flows());
  for (const char* name : {"outage", "poison", "crowded"}) {
    EXPECT_FALSE(document_of(name).all_flows()) << name;
  }
  Document of_tenant = document_of("rest");
  of_tenant.pipelines[0].tenants.emplace_back().reason = "unauthorized";
  EXPECT_FALSE(of_tenant.all_flows());
  Document of_partition = document_of("rest");
  of_partition.pipelines[1].partitions[0].reason = "retrying";
  EXPECT_FALSE(of_partition.all_flows());
}

TEST(DocumentTest, WhatIsNotThereIsNotKnown) {
  const auto document = read_document(
      R"({"pipelines":[{"name":"p","lag":null,"rates":7,"workers":[{"partitions":[{}]}]}],)"
      R"("targets":{},"time":"2026-13-01T00:00:00.000Z"})");
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->time);
  EXPECT_FALSE(document->pipelines.at(0).lag);
  EXPECT_EQ(document->pipelines[0].partitions.at(0).name, "/?");
  EXPECT_FALSE(document->all_flows()) << "nobody says that it flows";
  EXPECT_THAT(screen(*document, false), HasSubstr("PIPELINE"));
}

TEST(DocumentTest, AnotherServersAnswerIsNone) {
  for (const char* other : {"", "<html>", "[]", "7", R"({"status":"ok"})", "{\"pipelines\":["}) {
    EXPECT_FALSE(read_document(other)) << other;
  }
  EXPECT_FALSE(read_document(std::string(1'000'000, '['))) << "and no stack overflows";
}

TEST(DocumentTest, AnIllNumberOrTimeIsNoTrouble) {
  const auto document = read_document(
      R"({"pipelines":[{"lag":1e300,"oldest_undelivered_seconds":1e300,"since":"9999-01-01T00:00:00.000Z",)"
      R"("workers":[{"partitions":[{"partition":1e300}]}]}],"targets":[{"budgets":[{"used":-1e300}]}],)"
      R"("time":"2026-11-26T03:00:42.000Z","failures":[{"first_offset":-1e300,"count":1e300}]})");
  ASSERT_TRUE(document);
  EXPECT_THAT(screen(*document, false), HasSubstr("LAST FAILURES"));
}

TEST(ScreenTextTest, CommandsAreWholeHoweverLongTheyAre) {
  Document document = document_of("rest");
  Pipeline& pipeline = document.pipelines[0];
  pipeline.reason = "offset_out_of_range";
  const std::string topic(200, 't');
  pipeline.release = {"sluice act resume-from deposits --topic " + topic +
                      " --partition 0 --offset earliest"};
  std::string shown = screen(document, false);
  for (std::size_t at = shown.find(" \\\n"); at != shown.npos; at = shown.find(" \\\n")) {
    shown.erase(at, shown.find_first_not_of(' ', at + 3) - at - 1);
  }
  EXPECT_THAT(shown, HasSubstr(pipeline.release[0])) << "as a shell reads it";
}

TEST(ScreenTextTest, CommandsSayWhereThisSluiceIs) {
  Document document = document_of("rest");
  Pipeline& pipeline = document.pipelines[0];
  pipeline.reason = "paused";
  pipeline.release = {"sluice act resume deposits"};
  EXPECT_THAT(screen(document, false), HasSubstr("do:   sluice act resume deposits\n"));
  EXPECT_THAT(screen(document, false, "--url http://10.0.0.7:9464"),
              HasSubstr("do:   sluice act resume deposits --url http://10.0.0.7:9464\n"));
}

TEST(PictureTest, TheFirstClearsAndTheNextOverwrites) {
  Picture picture;
  const std::string first = picture.draw("one\ntwo\n", 24);
  EXPECT_THAT(first, AllOf(HasSubstr("\033[2J"), HasSubstr("one\033[K\ntwo\033[K\n")));
  const std::string next = picture.draw("three\n", 24);
  EXPECT_THAT(next, AllOf(Not(HasSubstr("\033[2J")), HasSubstr("\033[Hthree\033[K\n\033[J")));
}

TEST(PictureTest, WhatHasNoRoomIsCounted) {
  Picture picture;
  const std::string drawn = picture.draw("1\n2\n3\n4\n5\n", 4);
  EXPECT_THAT(drawn, HasSubstr("1\033[K\n2\033[K\nand 3 more lines\033[K\n\033[J"));
  EXPECT_THAT(picture.draw("1\n2\n3\n", 4), HasSubstr("1\033[K\n2\033[K\n3\033[K\n\033[J"));
}

}  // namespace
}  // namespace sluice::glance
