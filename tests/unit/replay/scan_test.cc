#include "replay/scan.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sluice::replay
