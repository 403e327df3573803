#include "cli/act_refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl = "http://127.0.0.1:9464";

TEST(ActRefusalTest, SpeaksOfItsOwnOptions) {
  EXPECT_EQ(refusal(401, kUrl, "send admin.token: Authorization: Bearer TOKEN"),
            "the token is not that of the Sluice at http://127.0.0.1:9464; set SLUICE_ADMIN_TOKEN "
            "to its admin.token, or name its configuration with --config FILE");
  EXPECT_THAT(refusal(403, kUrl, "there are no actions without a token"),
              AllOf(HasSubstr("admin.token"), HasSubstr(kUrl)));
  EXPECT_THAT(refusal(404, kUrl, "not found; there are: /metrics"), Not(HasSubstr("/metrics")));
}

TEST(ActRefusalTest, NamesTheOtherCommandInsteadOfAPath) {
  EXPECT_EQ(refusal(409, kUrl, "no operator has paused it; see /status"),
            "no operator has paused it; see sluice status");
  EXPECT_EQ(in_words_of_commands("done when /status (sluice status) says drained; see /status"),
            "done when sluice status says drained; see sluice status");
  EXPECT_EQ(refusal(500, kUrl, ""), "it answered 500");
}

TEST(ActRefusalTest, OnlyANameMayBeUnknown) {
  EXPECT_TRUE(is_unknown_name(404, {.action = "pause", .name = "p"}));
  EXPECT_FALSE(is_unknown_name(404, {.action = "reload"}));
  EXPECT_FALSE(is_unknown_name(409, {.action = "pause", .name = "p"}));
}

TEST(ActRefusalTest, SaysWhereThereIsNoneAtAll) {
  EXPECT_EQ(unknown_name({.action = "pause", .name = "p"}, {}).text(),
            "there is no pipeline \"p\"; there is none");
}

}  // namespace
}  // namespace sluice::cli
