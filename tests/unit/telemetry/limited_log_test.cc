#include "telemetry/limited_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.h"
#include "support/test_log.h"

namespace sluice::telemetry {
namespace {

// Lines as they reach the log behind it.
class BehindLog final : public Log {
 public:
  explicit BehindLog(test::TestLog& lines) : lines_(lines) {}
  void write(Level level, Event event, const std::vector<Field>& fields) override {
    if (level >= level_) lines_.write(level, event, fields);
  }
  void set_level(Level least) override { level_ = least; }
  Level level() const override { return level_; }
  LogCounts counts() const override { return {.lines = {0, 0, 7, 0}}; }

 private:
  test::TestLog& lines_;
  std::atomic<Level> level_ = Level::info;
};

class LimitedLogTest : public testing::Test {
 protected:
  void write(int lines) {
    for (int i = 0; i < lines; ++i) {
      log_->write(Level::warn, Event::commit_failed, kFields);
    }
  }
  inline static const std::vector<Field> kFields{
      {"pipeline", "p"}, {"worker", 0}, {"detail", "no broker"}};
  std::size_t written() const { return lines_.count(Event::commit_failed); }
  std::uint64_t told() const {
    std::uint64_t all = written();
    for (const auto& line : lines_.lines(Event::commit_failed)) {
      const std::string held_back = line.text("held_back");
      if (held_back != "(none)") all += std::stoull(held_back);
    }
    return all;
  }

  test::FakeClock clock_;
  test::TestLog lines_;
  std::unique_ptr<Log> log_ = limit_repeats(std::make_unique<BehindLog>(lines_), clock_);
};

TEST_F(LimitedLogTest, HoldsBackAndTellsWhenItIsFlushed) {
  write(100);
  EXPECT_EQ(written(), 5U);
  log_->flush();
  EXPECT_EQ(written(), 5U);
  clock_.advance(std::chrono::seconds(10));
  log_->flush();
  EXPECT_EQ(written(), 6U);
  EXPECT_EQ(told(), 100U);
}

TEST_F(LimitedLogTest, PutsTheCountBehindTheLinesOwnFields) {
  write(100);
  clock_.advance(std::chrono::seconds(10));
  write(1);
  EXPECT_EQ(lines_.lines(Event::commit_failed).back().fields.at(2).text, "no broker");
  EXPECT_EQ(lines_.lines(Event::commit_failed).back().text("held_back"), "95");
}

TEST_F(LimitedLogTest, AtLevelDebugEveryLineIsWritten) {
  log_->set_level(Level::debug);
  EXPECT_EQ(log_->level(), Level::debug);
  write(100);
  EXPECT_EQ(written(), 100U);
  log_->set_level(Level::info);
  write(100);
  EXPECT_EQ(written(), 105U);
}

TEST_F(LimitedLogTest, WhatIsBelowTheLevelIsNeitherWrittenNorCounted) {
  log_->set_level(Level::error);
  write(100);
  log_->finish();
  EXPECT_EQ(written(), 0U);
  EXPECT_EQ(log_->counts().held_back, 0U);
}

TEST_F(LimitedLogTest, WhatIsHeldBackWhenTheLevelRisesIsToldBefore) {
  write(100);
  log_->set_level(Level::error);
  EXPECT_EQ(told(), 100U);
  log_->set_level(Level::info);
  write(1);
  log_->finish();
  EXPECT_EQ(told(), 101U);
}

TEST_F(LimitedLogTest, AtTheEndAllIsToldAndNothingIsHeldBackAnyMore) {
  write(100);
  log_->finish();
  EXPECT_EQ(told(), 100U);
  write(10);
  EXPECT_EQ(told(), 110U);
}

TEST_F(LimitedLogTest, CountsBesideTheLinesThatAreWritten) {
  write(100);
  EXPECT_EQ(log_->counts().held_back, 94U) << "the last of them is still to be written";
  EXPECT_EQ(log_->counts().lines, (std::array<std::uint64_t, 4>{0, 0, 7, 0}));
}

TEST_F(LimitedLogTest, LosesNoCountAmongThreads) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int line = 0; line < 500; ++line) {
        write(1);
        if (line % 100 == 0) log_->flush();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  log_->finish();
  EXPECT_EQ(told(), 2000U);
  EXPECT_LE(written(), 6U);
}

}  // namespace
}  // namespace sluice::telemetry
