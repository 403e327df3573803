// What an operator is told who sends a partition elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "integration/failures.h"

namespace sluice::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ResumeFrom : public FailuresTest {
 protected:
  std::string ask(SluiceProcess& sluice, const std::string& offset, int expected) const {
    int status = 0;
    std::string text =
        sluice.post("/-/pipelines/p/resume-from?topic=" + topic_ + "&partition=0&offset=" + offset,
                    kAdminToken, &status);
    EXPECT_EQ(status, expected) << text;
    return text;
  }
};

TEST_F(ResumeFrom, AnOffsetThatTheLogDoesNotHoldIsRefusedAndChangesNothing) {
  make_topics("resume-outside", 1, 100);
  broker_.delete_records(topic_, 0, 10);
  SluiceProcess sluice(config());
  ASSERT_TRUE(has_committed({100})) << sluice.log();
  for (const char* outside : {"9", "101"}) {
    const std::string text = ask(sluice, outside, 409);
    EXPECT_THAT(text, HasSubstr(std::string("offset ") + outside + " is not in the log"));
    EXPECT_THAT(text, HasSubstr("begins at 10 and ends at 100"));
    EXPECT_THAT(sluice.events("admin_action"), Contains(HasSubstr("ends at 100")));
  }
  EXPECT_THAT(committed(), ElementsAre(100));
  produce_numbered(broker_, topic_, 1, 10, 100);
  EXPECT_TRUE(has_committed({110})) << sluice.log();
  EXPECT_EQ(api_.distinct(), 100U);
}

TEST_F(ResumeFrom, SaysWhereItWasSoThatOneCanGoBack) {
  make_topics("resume-back", 1, 100);
  SluiceProcess sluice(config());
  ASSERT_TRUE(has_committed({100})) << sluice.log();
  const std::string told =
      "goes on at 30; before: committed 100, next to read 100; skipped: 0, read again: 70";
  EXPECT_THAT(ask(sluice, "30", 200), HasSubstr(told));
  EXPECT_THAT(sluice.events("admin_action"), Contains(HasSubstr(told)));
}

TEST_F(ResumeFrom, TheBeginningIsCommittedAtOnce) {
  make_topics("resume-beginning", 1, 100);
  SluiceProcess sluice(config());
  ASSERT_TRUE(has_committed({100})) << sluice.log();
  fail_on(id(20), {.status = 500});
  EXPECT_THAT(ask(sluice, "earliest", 200), HasSubstr("goes on at 0; before: committed 100"));
  EXPECT_TRUE(has_committed({20})) << sluice.status();
  broker_.delete_records(topic_, 0, 100);
  EXPECT_THAT(ask(sluice, "earliest", 200), HasSubstr("goes on at 100; before: committed 20"));
  EXPECT_TRUE(has_committed({100})) << "though there is no record to say where that is";
}

// librdkafka may refuse to go on elsewhere: then nothing is as if it had.
TEST_F(ResumeFrom, WhatIsRefusedLeavesThePartitionStandingAndMayBeTriedAgain) {
  make_topics("resume-refused", 1, 100);
  commit_offsets(broker_.brokers(), group_of(topic_), topic_, {10});
  broker_.delete_records(topic_, 0, 50);
  const TempDir dir;
  const auto refuse = dir.path() / "refuse";
  SluiceProcess sluice(config(), {.env = {{"LD_PRELOAD", REFUSE_ASSIGN},
                                          {"REFUSE_ASSIGN_FILE", refuse.string()},
                                          {"ASAN_OPTIONS", "verify_asan_link_order=0"}}});
  const auto stands = [&] { return state_of(sluice, "p").reasons[0] == "offset_out_of_range"; };
  ASSERT_TRUE(eventually(stands, std::chrono::seconds(20))) << sluice.status();

  std::ofstream(refuse).close();
  EXPECT_THAT(ask(sluice, "earliest", 409), HasSubstr("but cannot take partitions"));
  EXPECT_THAT(sluice.events("admin_action"), Contains(HasSubstr("cannot take partitions")));
  EXPECT_FALSE(eventually([&] { return !stands(); }, std::chrono::seconds(2)))
      << "more than one report later: " << sluice.status();

  std::filesystem::remove(refuse);
  EXPECT_THAT(ask(sluice, "earliest", 200), HasSubstr("deleted before they were read: 40"));
  EXPECT_TRUE(has_committed({100})) << sluice.status();
  EXPECT_EQ(api_.distinct(), 50U);
}

}  // namespace
}  // namespace sluice::test
