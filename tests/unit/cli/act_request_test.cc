#include "cli/act_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

using testing::HasSubstr;

std::string path(const ActWords& words) {
  const auto path = act_path(words);
  return path ? *path : path.error().text();
}

TEST(ActRequestTest, EachActionHasItsPath) {
  for (const std::string action : {"pause", "drain", "resume", "retry", "dead-letter"}) {
    EXPECT_EQ(path({.action = action, .name = "deposits"}), "/-/pipelines/deposits/" + action);
  }
  EXPECT_EQ(path({.action = "reset-breaker", .name = "api"}), "/-/targets/api/reset-breaker");
  EXPECT_EQ(path({.action = "reload"}), "/-/reload");
  EXPECT_EQ(path({.action = "log-level", .level = "debug"}), "/-/log-level?level=debug");
  EXPECT_EQ(path({.action = "resume-from",
                  .name = "p",
                  .topic = "a.b",
                  .partition = "3",
                  .offset = "earliest"}),
            "/-/pipelines/p/resume-from?topic=a.b&partition=3&offset=earliest");
  EXPECT_EQ(path({.action = "retry", .name = "p", .topic = "a.b", .partition = "3"}),
            "/-/pipelines/p/retry?topic=a.b&partition=3");
}

TEST(ActRequestTest, NoWordLeavesItsPlace) {
  EXPECT_EQ(path({.action = "pause", .name = "../x?y#z %"}),
            "/-/pipelines/..%2Fx%3Fy%23z%20%25/pause");
  EXPECT_EQ(path({.action = "retry", .name = "p", .topic = "a&offset=1", .partition = "0"}),
            "/-/pipelines/p/retry?topic=a%26offset%3D1&partition=0");
}

TEST(ActRequestTest, AWordThatIsNearIsSuggested) {
  EXPECT_EQ(path({.action = "resme", .name = "p"}),
            "there is no action \"resme\"; did you mean resume?");
  EXPECT_THAT(path({.action = "explode"}), HasSubstr("there are pause, drain, resume, retry, "));
}

TEST(ActRequestTest, SaysHowALineIsWritten) {
  EXPECT_EQ(path({.action = "pause"}),
            "pause: it needs the name of a pipeline; write sluice act pause PIPELINE");
  EXPECT_EQ(path({.action = "reset-breaker"}),
            "reset-breaker: it needs the name of a target; write sluice act reset-breaker TARGET");
  for (const ActWords& wrong :
       {ActWords{.action = "reload", .name = "p"},
        ActWords{.action = "pause", .name = "p", .topic = "t", .partition = "0"},
        ActWords{.action = "retry", .name = "p", .topic = "t"},
        ActWords{.action = "retry", .name = "p", .topic = "t", .partition = "-1"},
        ActWords{.action = "retry", .name = "p", .offset = "1"},
        ActWords{.action = "retry", .name = "p", .level = "debug"},
        ActWords{.action = "resume-from", .name = "p", .offset = "1"},
        ActWords{.action = "resume-from", .name = "p", .topic = "t", .partition = "0"},
        ActWords{
            .action = "resume-from", .name = "p", .topic = "t", .partition = "0", .offset = "end"},
        ActWords{.action = "retry", .name = "p", .topic = "t", .partition = "2147483648"},
        ActWords{.action = "log-level"}}) {
    EXPECT_FALSE(act_path(wrong)) << wrong.action;
  }
}

TEST(ActRequestTest, SpeaksOfItsOwnOptions) {
  EXPECT_EQ(path({.action = "log-level", .level = "inof"}),
            "--level: there is no level \"inof\"; did you mean info?");
  EXPECT_EQ(path({.action = "log-level", .level = "xyzzy"}),
            "--level: there is no level \"xyzzy\"; there are debug, info, warn and error");
  EXPECT_EQ(path({.action = "resume-from", .name = "p", .offset = "1"}),
            "resume-from: it needs a --topic and a --partition; write sluice act resume-from "
            "PIPELINE --topic T --partition N --offset O");
}

}  // namespace
}  // namespace sluice::cli
