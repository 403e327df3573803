#include "telemetry/repeat_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Of a field; -1: there is none.
std::int64_t number_in(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? -1 : std::stoll(found->text);
}

class RepeatLimitTest : public testing::Test {
 protected:
  static std::vector<Field> refusal(std::int64_t offset, const std::string& detail = "HTTP 400",
                                    const std::string& pipeline = "p") {
    return {{"pipeline", pipeline},
            {"topic", "t"},
            {"partition", 0},
            {"offset", offset},
            {"reason", "rejected"},
            {"detail", detail},
            {"dead_letter_topic", "t.dlq"}};
  }

  void write(Event event, const std::vector<Field>& fields, Level level = Level::warn) {
    ++happened_;
    auto more = limit_.admit(level, event, fields, clock_.now(), clock_.wall_now());
    if (!more) return;
    RepeatLimit::Line line{level, event, fields};
    line.fields.insert(line.fields.end(), more->begin(), more->end());
    written_.push_back(std::move(line));
  }
  void refuse(std::int64_t offset, const std::string& detail = "HTTP 400",
              const std::string& pipeline = "p") {
    write(Event::record_dead_lettered, refusal(offset, detail, pipeline));
  }
  void look() {
    for (auto& line : limit_.due(clock_.now())) written_.push_back(std::move(line));
  }
  void pass(Duration time) {
    for (Duration gone{}; gone < time; gone += seconds(1)) {
      clock_.advance(seconds(1));
      look();
    }
  }
  void end() {
    for (auto& line : limit_.rest()) written_.push_back(std::move(line));
  }

  std::vector<std::int64_t> offsets() const {
    std::vector<std::int64_t> all;
    for (const auto& line : written_) all.push_back(number_in(line.fields, "offset"));
    return all;
  }
  // Written, or told of by a line that was.
  std::uint64_t told() const {
    std::uint64_t all = written_.size();
    for (const auto& line : written_) {
      for (const Field& field : line.fields) {
        if (field.name.starts_with("held_back")) all += std::stoull(field.text);
      }
    }
    return all;
  }

  test::FakeClock clock_;
  RepeatLimit limit_;
  std::uint64_t happened_ = 0;
  std::vector<RepeatLimit::Line> written_;
};

TEST_F(RepeatLimitTest, LetsABurstThroughAsItIs) {
  for (std::int64_t i = 0; i < 5; ++i) refuse(i);
  EXPECT_THAT(offsets(), ElementsAre(0, 1, 2, 3, 4));
  for (const auto& line : written_) EXPECT_THAT(line.fields, SizeIs(7)) << "nothing is added";
  pass(minutes(2));
  EXPECT_THAT(written_, SizeIs(5)) << "nor told later";
}

TEST_F(RepeatLimitTest, TheNextLineThatIsLetThroughHasTheCount) {
  for (std::int64_t i = 0; i < 100; ++i) refuse(i);
  EXPECT_THAT(written_, SizeIs(5));
  clock_.advance(seconds(10));
  refuse(100);
  ASSERT_THAT(written_, SizeIs(6));
  EXPECT_EQ(number_in(written_.back().fields, "offset"), 100);
  EXPECT_EQ(number_in(written_.back().fields, "held_back"), 95);
  EXPECT_EQ(told(), happened_);
}

TEST_F(RepeatLimitTest, WhereItGetsQuietTheLastOneIsWrittenLateWithItsTime) {
  for (std::int64_t i = 0; i < 100; ++i) refuse(i);
  pass(seconds(9));
  EXPECT_THAT(written_, SizeIs(5));
  pass(seconds(1));
  ASSERT_THAT(written_, SizeIs(6));
  EXPECT_EQ(number_in(written_.back().fields, "offset"), 99);
  EXPECT_EQ(number_in(written_.back().fields, "held_back"), 94);
  EXPECT_EQ(written_.back().fields.at(7).name, "happened_at");
  EXPECT_EQ(written_.back().fields.at(7).text, "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(told(), happened_);
  pass(minutes(2));
  EXPECT_THAT(written_, SizeIs(6)) << "once";
}

TEST_F(RepeatLimitTest, WhatGoesOnAndOnIsALineAMinute) {
  for (int i = 0; i < 36'000; ++i) {  // an hour, ten a second
    refuse(i);
    clock_.advance(milliseconds(100));
    if (i % 10 == 0) look();
  }
  EXPECT_LE(written_.size(), 5U + 4 + 60);
  EXPECT_GE(written_.size(), 60U);
  end();
  EXPECT_EQ(told(), happened_);
}

TEST_F(RepeatLimitTest, AfterAQuietTimeABurstIsLetThroughAgain) {
  for (int i = 0; i < 1000; ++i) refuse(i);
  pass(minutes(3));
  written_.clear();
  for (int i = 0; i < 5; ++i) refuse(i);
  EXPECT_THAT(offsets(), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(RepeatLimitTest, OnlyWhatIsAlikeIsHeldBackTogether) {
  for (int i = 0; i < 6; ++i) refuse(i);
  refuse(10, "HTTP 422");
  refuse(11, "HTTP 400", "q");
  write(Event::record_dead_lettered, refusal(12), Level::error);
  write(Event::record_dropped, refusal(13));
  EXPECT_THAT(offsets(), ElementsAre(0, 1, 2, 3, 4, 10, 11, 12, 13));
}

TEST_F(RepeatLimitTest, WhatSaysThatSomethingStillIsSoIsLetThroughOnce) {
  for (int i = 0; i < 3; ++i) write(Event::kafka_log, {{"detail", "no broker"}});
  EXPECT_THAT(written_, SizeIs(1));
  pass(seconds(10));
  EXPECT_THAT(written_, SizeIs(2));
  EXPECT_EQ(told(), happened_);
}

TEST_F(RepeatLimitTest, AFieldThatMissesIsNotOneThatIsEmpty) {
  for (int i = 0; i < 6; ++i) write(Event::breaker_closed, {{"pipeline", "x"}}, Level::info);
  write(Event::breaker_closed, {{"target", "x"}}, Level::info);
  EXPECT_THAT(written_, SizeIs(6));
}

TEST_F(RepeatLimitTest, HoldsNoEventBackThatComesByAPersonsHandOrMustBeSeen) {
  for (const EventInfo& info : all_events()) {
    const bool limited = !info.alike.empty();
    for (int i = 0; i < 100; ++i) write(info.event, {{"detail", "the same"}});
    EXPECT_EQ(written_.size() == 100U, !limited) << info.name;
    written_.clear();
    const std::string name(info.name);
    if (info.event == Event::admin_action_refused) continue;  // anybody may ask, all the time
    const bool never = name.starts_with("service_") || name.starts_with("configuration_") ||
                       name.starts_with("credential_") || name.starts_with("admin_") ||
                       name.starts_with("partitions_") || name.starts_with("token_");
    EXPECT_FALSE(never && limited) << info.name;
  }
}

TEST_F(RepeatLimitTest, TextsThatAreEverNewFillNeitherLogNorMemory) {
  constexpr int kSeconds = 600;
  for (int second = 0; second < kSeconds; ++second) {
    for (int i = 0; i < 1000; ++i) refuse(i, "error " + std::to_string(happened_));
    pass(seconds(1));
  }
  const std::size_t most_a_window =
      RepeatLimit::kEventBurst + RepeatLimit::kMostKinds + 1;  // of the others
  EXPECT_LE(written_.size(), kSeconds / 10 * most_a_window);
  end();
  EXPECT_EQ(told(), happened_);
}

TEST_F(RepeatLimitTest, AFloodOfOneEventHoldsNoOtherBack) {
  for (int i = 0; i < 1000; ++i) refuse(i, "error " + std::to_string(i));
  written_.clear();
  write(Event::commit_failed, {{"pipeline", "p"}, {"worker", 0}, {"detail", "no"}});
  EXPECT_THAT(written_, SizeIs(1));
}

TEST_F(RepeatLimitTest, KeepsOnlyTheBeginningOfALongText) {
  for (int i = 0; i < 6; ++i) refuse(i, std::string(100'000, 'x'));
  EXPECT_EQ(written_.back().fields.at(5).text.size(), 100'000U) << "what is let through is whole";
  pass(seconds(10));
  EXPECT_EQ(written_.back().fields.at(5).text.size(), RepeatLimit::kLongestHeld + 3);
}

TEST_F(RepeatLimitTest, WhatWasHeldBackIsWrittenInTheOrderItHappenedIn) {
  for (int i = 0; i < 6; ++i) refuse(i, "b");
  for (int i = 0; i < 5; ++i) refuse(i, "a");
  clock_.advance(seconds(1));
  refuse(7, "a");
  clock_.advance(seconds(1));
  refuse(8, "b");
  written_.clear();
  pass(seconds(8));
  EXPECT_THAT(offsets(), ElementsAre(7, 8));
}

TEST_F(RepeatLimitTest, AtTheEndAllIsTold) {
  for (int i = 0; i < 50; ++i) refuse(i, i % 2 == 0 ? "a" : "b");
  end();
  EXPECT_EQ(told(), happened_);
  EXPECT_THAT(limit_.rest(), IsEmpty());
}

TEST_F(RepeatLimitTest, CountsWhatWasNotWritten) {
  for (int i = 0; i < 100; ++i) refuse(i);
  clock_.advance(seconds(10));
  refuse(100);
  for (int i = 0; i < 7; ++i) refuse(i);
  end();
  EXPECT_EQ(written_.size() + limit_.held_back(), happened_);
}

}  // namespace
}  // namespace sluice::telemetry
