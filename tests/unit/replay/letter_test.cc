#include "replay/letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using testing::Optional;

TEST(LetterTest, SaysWhatItsEnvelopeSays) {
  const auto letter = read_letter(3, letter_at({3, 17}).view());
  ASSERT_TRUE(letter.has_value());
  EXPECT_EQ(letter->place, (Place{3, 17}));
  EXPECT_EQ(letter->id(), "events/2/7");
  EXPECT_EQ(letter->pipeline, "p");
  EXPECT_EQ(letter->reason, "rejected");
  EXPECT_THAT(letter->status, Optional(400));
  EXPECT_EQ(letter->failed_at, kFailedAt);
  EXPECT_EQ(letter->replays, 0U);
  EXPECT_EQ(letter->left_out, std::nullopt);
}

TEST(LetterTest, KnowsHowOftenItWasReplayedAndWhatWasLeftOut) {
  Stored stored = letter_at({0, 1});
  stored.headers.push_back({"sluice.replays", "2"});
  stored.headers.push_back(codec::oversized_marker(3'000'000));
  const auto letter = read_letter(0, stored.view());
  ASSERT_TRUE(letter.has_value());
  EXPECT_EQ(letter->replays, 2U);
  EXPECT_THAT(letter->left_out, Optional(3'000'000U));
}

TEST(LetterTest, BelievesTheEnvelopeAndNotAHeaderOfTheRecordBeforeIt) {
  Stored stored = letter_at({0, 1});
  stored.headers.insert(stored.headers.begin(), {"sluice.topic", "another"});
  EXPECT_EQ(read_letter(0, stored.view())->topic, "events");
}

TEST(LetterTest, IsNotWhatHasNoEnvelopeOrOneThatIsNoPlace) {
  Stored stored = letter_at({0, 1});
  EXPECT_EQ(read_letter(0, Stored{}.view()), std::nullopt);
  stored.headers.push_back({"sluice.offset", "seven"});
  EXPECT_EQ(read_letter(0, stored.view()), std::nullopt);
}

TEST(LetterTest, IsAsOldAsItsRecordInTheTopicWhereItDoesNotSay) {
  Stored stored = letter_at({0, 1});
  stored.timestamp_ms = 5'000;
  stored.headers.push_back({"sluice.failed_at", "yesterday"});
  EXPECT_EQ(read_letter(0, stored.view())->failed_at, WallTime(std::chrono::seconds(5)));
}

TEST(LetterTest, HasTheTimestampOfItsRecordAsFarAsTheCalendarGoes) {
  const auto timestamp = [](std::int64_t timestamp_ms) {
    const Stored stored = letter_at({0, 1}, {.timestamp_ms = timestamp_ms});
    return read_letter(0, stored.view())->timestamp;
  };
  EXPECT_EQ(timestamp(9'223'372'036'855), "2262-04-11T23:47:16.855Z");
  EXPECT_EQ(timestamp(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(timestamp(1'790'000'000'123'000), "");
}

TEST(LetterTest, WasSetAsideWhenItWasWrittenWhereItNamesAYearBeyondTheClocks) {
  Stored stored = letter_at({0, 1});
  stored.timestamp_ms = 5'000;
  for (const char* time : {"2262-04-12T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
                           "0000-01-01T00:00:00.000Z", "99999-01-01T00:00:00.000Z"}) {
    stored.headers.push_back({"sluice.failed_at", time});
    EXPECT_EQ(read_letter(0, stored.view())->failed_at, WallTime(std::chrono::seconds(5))) << time;
  }
}

TEST(PlaceTest, IsWrittenAndReadAsPartitionAndOffset) {
  EXPECT_EQ(to_string(Place{3, 17}), "3:17");
  EXPECT_THAT(parse_place("3:17"), Optional(Place{3, 17}));
  for (const char* text :
       {"", "3", "3:", ":17", "3:17 ", "-1:17", "3:-1", "3/17", "9999999999:1"}) {
    EXPECT_EQ(parse_place(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::replay
