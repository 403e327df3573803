#include <gtest/gtest.h>

#include "service/action_parser.h"

namespace sluice::service {
namespace {

using pipeline::Action;

Result<Action> parse(const std::string& name, std::map<std::string, std::string> parameters = {}) {
  return parse_action({"deposits", {}, name, std::move(parameters)});
}

TEST(ActionsTest, SuspectsAreReleasedEverywhereOrInOnePartition) {
  const auto all = parse("dead-letter");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->kind, Action::Kind::dead_letter);
  EXPECT_FALSE(all->partition);
  const auto one = parse("retry", {{"topic", "events"}, {"partition", "3"}});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->kind, Action::Kind::retry);
  EXPECT_EQ(one->partition, (TopicPartition{"events", 3}));
}

TEST(ActionsTest, AnOffsetIsAPlaceOrANumber) {
  const auto at = [](const std::string& offset) {
    return parse("resume-from", {{"topic", "t"}, {"partition", "0"}, {"offset", offset}});
  };
  EXPECT_EQ(at("earliest")->from, Action::From::earliest);
  EXPECT_EQ(at("latest")->from, Action::From::latest);
  EXPECT_EQ(at("42")->from, Action::From::offset);
  EXPECT_EQ(at("42")->offset, 42);
  for (const char* wrong : {"", "-1", "4x", "end", "99999999999999999999"}) {
    EXPECT_FALSE(at(wrong)) << wrong;
  }
}

TEST(ActionsTest, APartitionHasATopicAndANumber) {
  using Parameters = std::map<std::string, std::string>;
  for (const Parameters& wrong : {Parameters{{"topic", "t"}}, Parameters{{"partition", "0"}},
                                  Parameters{{"topic", ""}, {"partition", "0"}},
                                  Parameters{{"topic", "t"}, {"partition", "-1"}},
                                  Parameters{{"topic", "t"}, {"partition", "x"}}}) {
    EXPECT_FALSE(parse("retry", wrong));
  }
  EXPECT_FALSE(parse("resume-from", {{"offset", "1"}})) << "of which partition?";
}

TEST(ActionsTest, AnUnknownOneIsTold) {
  const auto unknown = parse("drop-all");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().text(),
            "there is no such action; there are pause, drain, resume, retry, dead-letter and "
            "resume-from");
}

TEST(ActionsTest, PausesAreToldFromOtherActions) {
  using pipeline::PauseWish;
  EXPECT_EQ(pause_wish("pause"), PauseWish::pause);
  EXPECT_EQ(pause_wish("drain"), PauseWish::drain);
  EXPECT_EQ(pause_wish("resume"), PauseWish::none);
  for (const char* other : {"resume-from", "retry", "", "Pause"}) {
    EXPECT_FALSE(pause_wish(other)) << other;
  }
}

}  // namespace
}  // namespace sluice::service
