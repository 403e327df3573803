#include "replay/scan.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

class ScanTest : public testing::Test {
 protected:
  Result<std::string> fetch(const Stored& there, Letter letter) {
    FakeSource source(clock_);
    source.add(there);
    source.open();
    return fetch_value(source, clock_, waiting_, letter);
  }

  test::FakeClock clock_;
  FakeWaiting waiting_{clock_};
};

TEST_F(ScanTest, ReadsATopicToTheEndThatItHad) {
  FakeSource source(clock_);
  source.add(letter_at({0, 1}));
  source.add(letter_at({0, 2}));
  source.open();
  source.add(letter_at({0, 3}));
  Catalog catalog({});
  int seen = 0;
  EXPECT_TRUE(scan(source, clock_, waiting_, catalog, [&](const auto&) { ++seen; }).has_value());
  EXPECT_EQ(catalog.letters().size(), 2U);
  EXPECT_EQ(seen, 2);
}

TEST_F(ScanTest, GivesUpOnBrokersThatSayNothing) {
  FakeSource source(clock_);
  source.add(letter_at({0, 1}));
  source.open();
  Reading reading(source, clock_, waiting_);
  ASSERT_TRUE(reading.next().has_value());
  const Instant start = clock_.now();
  const auto nothing = reading.next_written();
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(clock_.now() - start, kPatience);
  EXPECT_NE(nothing.error().cause.find("Broker: away"), std::string::npos);
}

TEST_F(ScanTest, StopsWhenItIsToldTo) {
  FakeSource source(clock_);
  source.add(letter_at({0, 1}));
  source.open();
  waiting_.stop_at = clock_.now();
  Catalog catalog({});
  const auto scanned = scan(source, clock_, waiting_, catalog, [](const auto&) {});
  ASSERT_FALSE(scanned.has_value());
  EXPECT_EQ(scanned.error().cause, "interrupted");
}

TEST_F(ScanTest, FetchesTheValueThatALetterRefersTo) {
  const Letter letter{.offset = 5, .timestamp = "1970-01-01T00:00:01.000Z", .left_out = 3};
  Stored there{.offset = 5, .timestamp_ms = 1'000, .value = "abc"};
  EXPECT_EQ(fetch(there, letter).value(), "abc");
}

TEST_F(ScanTest, FetchesNoOtherRecordsValue) {
  const Letter letter{.offset = 5, .timestamp = "1970-01-01T00:00:01.000Z", .left_out = 3};
  const Stored right{.offset = 5, .timestamp_ms = 1'000, .value = "abc"};
  Stored wrong = right;
  wrong.offset = 6;
  EXPECT_FALSE(fetch(wrong, letter).has_value());
  wrong = right;
  wrong.value = "abcd";
  EXPECT_FALSE(fetch(wrong, letter).has_value());
  wrong = right;
  wrong.timestamp_ms = 1'001;
  EXPECT_FALSE(fetch(wrong, letter).has_value());
  wrong = right;
  wrong.value = std::nullopt;
  EXPECT_FALSE(fetch(wrong, letter).has_value());
}

// Nanoseconds end in 2262, the calendar of the envelope in 9999; a producer may write microseconds.
TEST_F(ScanTest, FetchesTheValueOfARecordWhoseTimestampIsFarAhead) {
  for (const std::int64_t timestamp_ms :
       {9'223'372'036'855, 32'503'680'000'000, 253'402'300'799'999, 253'402'300'800'000,
        1'790'000'000'123'000, std::numeric_limits<std::int64_t>::max()}) {
    Stored stored = letter_at({0, 1}, {.offset = 5, .timestamp_ms = timestamp_ms});
    stored.headers.push_back(codec::oversized_marker(3));
    const auto letter = read_letter(0, stored.view());
    ASSERT_TRUE(letter.has_value());
    const Stored there{.offset = 5, .timestamp_ms = timestamp_ms, .value = "abc"};
    EXPECT_TRUE(fetch(there, *letter).has_value()) << timestamp_ms;
  }
}

TEST_F(ScanTest, TellsRecordsApartWhoseTimestampsAreFarAhead) {
  Stored stored = letter_at({0, 1}, {.offset = 5, .timestamp_ms = 32'503'680'000'000});
  stored.headers.push_back(codec::oversized_marker(3));
  const auto letter = read_letter(0, stored.view());
  ASSERT_TRUE(letter.has_value());
  const Stored another{.offset = 5, .timestamp_ms = 32'503'680'000'001, .value = "abc"};
  EXPECT_FALSE(fetch(another, *letter).has_value());
}

TEST_F(ScanTest, ReadsLettersThatWereWrittenFarAhead) {
  FakeSource source(clock_);
  std::int64_t offset = 0;
  for (const std::int64_t timestamp_ms :
       {std::int64_t{-1}, 32'503'680'000'000, 1'790'000'000'123'000,
        std::numeric_limits<std::int64_t>::max()}) {
    ++offset;
    Stored stored = letter_at({0, offset}, {.offset = offset, .timestamp_ms = timestamp_ms});
    stored.timestamp_ms = timestamp_ms;
    source.add(std::move(stored));
  }
  source.open();
  Catalog catalog({});
  EXPECT_TRUE(scan(source, clock_, waiting_, catalog, [](const auto&) {}).has_value());
  EXPECT_EQ(catalog.letters().size(), 4U);
}

}  // namespace
}  // namespace sluice::replay
