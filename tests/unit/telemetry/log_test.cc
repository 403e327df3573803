#include "telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

constexpr LogOptions kJson{.level = Level::info, .json = true};
constexpr LogOptions kText{.level = Level::info, .json = false};

WallTime at(std::int64_t milliseconds) { return WallTime(std::chrono::milliseconds(milliseconds)); }

std::string json(const std::vector<Field>& fields) {
  return format_line(kJson, at(1'790'000'000'123), Level::warn, Event::commit_failed, fields);
}
std::string text(const std::vector<Field>& fields) {
  return format_line(kText, at(1'790'000'000'123), Level::warn, Event::commit_failed, fields);
}
const std::string kJsonStart =
    R"({"time":"2026-09-21T14:13:20.123Z","level":"warn","event":"commit_failed")";
const std::string kTextStart = "2026-09-21T14:13:20.123Z WARN  commit_failed";

TEST(LogLine, IsOneJsonObject) {
  EXPECT_EQ(json({}), kJsonStart + "}");
  EXPECT_EQ(json({{"pipeline", "deposits"}, {"partition", 3}, {"offset", std::int64_t{-1}}}),
            kJsonStart + R"(,"pipeline":"deposits","partition":3,"offset":-1})");
}

TEST(LogLine, IsPlainTextForATerminal) {
  EXPECT_EQ(text({}), kTextStart);
  EXPECT_EQ(text({{"pipeline", "deposits"}, {"partition", 3}, {"detail", "not now"}}),
            kTextStart + R"( pipeline=deposits partition=3 detail="not now")");
}

TEST(LogLine, NamesEachLevel) {
  const auto level_of = [](const LogOptions& options, Level level) {
    return format_line(options, at(0), level, Event::kafka_log, {});
  };
  EXPECT_THAT(level_of(kJson, Level::debug), testing::HasSubstr(R"("level":"debug")"));
  EXPECT_THAT(level_of(kJson, Level::error), testing::HasSubstr(R"("level":"error")"));
  EXPECT_EQ(level_of(kText, Level::info), "1970-01-01T00:00:00.000Z INFO  kafka_log");
  EXPECT_EQ(level_of(kText, Level::error), "1970-01-01T00:00:00.000Z ERROR kafka_log");
}

TEST(LogLine, EscapesWhatCouldForgeAnotherLine) {
  const std::string evil = "x\n{\"event\":\"y\"}\x1b[2J";
  EXPECT_EQ(json({{"detail", evil}}), kJsonStart + R"(,"detail":"x\n{\"event\":\"y\"}\u001B[2J"})");
  EXPECT_EQ(text({{"detail", evil}}), kTextStart + R"( detail="x\n{\"event\":\"y\"}\u001B[2J")");
}

TEST(LogLine, QuotesTextThatCouldPassForMoreThanOneField) {
  EXPECT_EQ(text({{"a", ""}, {"b", "c=d"}, {"e", "\\"}, {"f", "g h"}}),
            kTextStart + R"( a="" b="c=d" e="\\" f="g h")");
}

TEST(LogLine, EscapesWhatIsBeyondAscii) {
  EXPECT_EQ(json({{"detail", "\u00e9\u202e\U0001F600"}}),
            kJsonStart + R"(,"detail":"\u00E9\u202E\uD83D\uDE00"})");
  EXPECT_EQ(text({{"detail", "\u0085"}}), kTextStart + R"( detail="\u0085")");
}

TEST(LogLine, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(json({{"detail", "a\xff\xc3(\xed\xa0\x80\xe2\x82"}}),
            kJsonStart + R"(,"detail":"a\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"})");
}

TEST(LogLine, IsPrintableAsciiWhateverByteItIsGiven) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::string& character : {std::string(1, static_cast<char>(byte)),
                                         std::string("\xE2\x80") + static_cast<char>(byte),
                                         std::string("\xC2") + static_cast<char>(byte)}) {
      const std::vector<Field> fields = {{"a" + character, "b" + character}};
      for (const std::string& line : {json(fields), text(fields)}) {
        EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) {
          return c >= ' ' && c <= '~';
        })) << byte;
      }
    }
  }
}

TEST(LogLine, KeepsAFieldFromPosingAsAnother) {
  const std::vector<Field> fields = {{"event", "x"}, {"time", "y"},  {"a", 1}, {"a", 2},
                                     {"a_", 3},      {"b c=\"d", 4}, {"", 5}};
  EXPECT_EQ(json(fields),
            kJsonStart + R"(,"event_":"x","time_":"y","a":1,"a_":2,"a__":3,"b_c__d":4,"_":5})");
  EXPECT_EQ(text(fields), kTextStart + " event_=x time_=y a=1 a_=2 a__=3 b_c__d=4 _=5");
}

TEST(LogLine, HasTheTimeBeforeTheEpochToo) {
  EXPECT_EQ(format_line(kText, at(-1), Level::info, Event::kafka_log, {}),
            "1969-12-31T23:59:59.999Z INFO  kafka_log");
}

TEST(Log, WritesToStandardErrorFromItsLevelUp) {
  const test::FakeClock clock;
  testing::internal::CaptureStderr();
  const auto log = make_log({.level = Level::warn, .json = false}, clock);
  log->write(Level::info, Event::kafka_log, {{"line", "not this"}});
  log->write(Level::warn, Event::kafka_log, {{"line", "{} %v"}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "2026-09-21T14:13:20.000Z WARN  kafka_log line=\"{} %v\"\n");
}

// Standard error is a pipe for as long as one of these lives.
class StderrPipe {
 public:
  StderrPipe() : before_(::dup(STDERR_FILENO)) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    reader_ = ends[0];
    ::fcntl(reader_, F_SETFL, O_NONBLOCK);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
  }
  ~StderrPipe() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    close_reader();
    std::clearerr(stderr);
  }
  StderrPipe(const StderrPipe&) = delete;
  StderrPipe& operator=(const StderrPipe&) = delete;

  std::string read_some() const {
    std::string text(std::size_t{1} << 20, '\0');
    const ssize_t size = ::read(reader_, text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }
  void close_reader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }

 private:
  const int before_;
  int reader_ = -1;
};

TEST(Log, KeepsAndThenCountsWhatNobodyReads) {
  const test::FakeClock clock;
  std::vector<std::string> lines;
  {
    const StderrPipe pipe;
    const auto log = make_log({.level = Level::info, .json = false}, clock);
    const std::string detail(10'000, 'x');  // longer than what a pipe takes at once
    for (int i = 0; i < 100; ++i) {
      log->write(Level::info, Event::kafka_log, {{"number", i}, {"detail", detail}});
    }
    std::string text;
    for (int i = 0; i < 10; ++i) {
      text += pipe.read_some();
      log->flush();
    }
    log->write(Level::info, Event::kafka_log, {{"number", 100}});
    text += pipe.read_some();
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
  }
  ASSERT_GT(lines.size(), 20U);
  for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
    EXPECT_THAT(lines[i], testing::HasSubstr("kafka_log number=" + std::to_string(i) + " "));
  }
  EXPECT_THAT(lines.rbegin()[1], testing::HasSubstr("WARN  log_lines_lost lines=" +
                                                    std::to_string(100 - (lines.size() - 2))));
  EXPECT_THAT(lines.back(), testing::HasSubstr("kafka_log number=100"));
}

TEST(Log, CountsItsLinesByLevel) {
  const test::FakeClock clock;
  testing::internal::CaptureStderr();
  const auto log = make_log({.level = Level::info, .json = false}, clock);
  log->write(Level::debug, Event::kafka_log, {});
  log->write(Level::info, Event::kafka_log, {});
  log->write(Level::error, Event::kafka_log, {});
  log->write(Level::error, Event::kafka_log, {});
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(log->counts().lines, (std::array<std::uint64_t, 4>{0, 1, 0, 2}));
}

TEST(Log, OutlivesItsReader) {
  const test::FakeClock clock;
  std::signal(SIGPIPE, SIG_IGN);
  StderrPipe pipe;
  const auto log = make_log(kJson, clock);
  pipe.close_reader();
  for (int i = 0; i < 3; ++i) log->write(Level::info, Event::kafka_log, {});
  EXPECT_NE(std::ferror(stderr), 0);
}

TEST(Log, KeepsLinesOfThreadsApart) {
  constexpr int kThreads = 4;
  constexpr int kLines = 50;
  const test::FakeClock clock;
  testing::internal::CaptureStderr();
  const auto log = make_log(kJson, clock);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&log] {
      for (int line = 0; line < kLines; ++line) {
        log->write(Level::info, Event::kafka_log, {{"detail", std::string(200, 'x')}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::istringstream lines(testing::internal::GetCapturedStderr());
  std::multiset<std::string> seen;
  for (std::string line; std::getline(lines, line);) seen.insert(line);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kLines));
  EXPECT_EQ(seen.count(*seen.begin()), seen.size());
}

TEST(LogLevelTest, HasANameOrNone) {
  EXPECT_EQ(level_named("debug"), Level::debug);
  EXPECT_EQ(level_named("error"), Level::error);
  for (const char* none : {"", "DEBUG", "warning", "trace"})
    EXPECT_FALSE(level_named(none)) << none;
}

TEST(LogLevelTest, IsWhatWasSetLast) {
  const test::FakeClock clock;
  const auto log = make_log({.level = Level::warn}, clock);
  EXPECT_EQ(log->level(), Level::warn);
  log->set_level(Level::debug);
  EXPECT_EQ(log->level(), Level::debug);
}

}  // namespace
}  // namespace sluice::telemetry
