#include "glance/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::glance {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;

TEST(WordsTest, NothingMovesACursorOrTurnsTheWriting) {
  EXPECT_EQ(clean("a\033[2Jb\r\nc\x7f"), "a [2Jb  c ");
  EXPECT_EQ(clean("a\xC2\x9B"
                  "b"),
            "a b");
  EXPECT_EQ(clean("a\xE2\x80\xAE"
                  "b\xE2\x81\xA6"
                  "c\xE2\x80\x8F"),
            "a b c ");
  EXPECT_EQ(clean("m\xC3\xBCnchen \xE2\x82\xAC"), "m\xC3\xBCnchen \xE2\x82\xAC");
}

TEST(WordsTest, AColumnIsACharacter) {
  EXPECT_EQ(width("m\xC3\xBCn"), 3U);
  EXPECT_EQ(cut("m\xC3\xBCnchen", 5), "m\xC3\xBC...");
  EXPECT_EQ(cut("m\xC3\xBCnchen", 7), "m\xC3\xBCnchen");
  EXPECT_EQ(cut("abc", 2), "ab");
  EXPECT_EQ(left("\xC3\xBC", 3), "\xC3\xBC  ");
  EXPECT_EQ(right("\xC3\xBC", 3), "  \xC3\xBC");
}

TEST(WordsTest, ANameKeepsItsEnd) {
  EXPECT_EQ(cut_name("events.deposit/11", 17), "events.deposit/11");
  EXPECT_EQ(cut_name("events.deposit/11", 12), "even...it/11");
  EXPECT_EQ(cut_name("m\xC3\xBCnchen-s\xC3\xBC"
                     "d",
                     9),
            "m\xC3\xBCn...s\xC3\xBC"
            "d");
  EXPECT_EQ(cut_name("abcdefgh", 5), "ab...");
}

TEST(WordsTest, TextIsWrappedAtBlanks) {
  EXPECT_THAT(wrapped("one two three", 7, 9), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("one two three", 8, 9), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("onetwothree", 4, 9), ElementsAre("onet", "woth", "ree"));
  EXPECT_THAT(wrapped("one two three four", 7, 2), ElementsAre("one two", "thre..."));
  EXPECT_THAT(wrapped("", 7, 2), ElementsAre());
  EXPECT_THAT(wrapped("   ", 2, 9), ElementsAre("  "));
}

TEST(WordsTest, ACommandGoesOnAtItsOptions) {
  EXPECT_THAT(wrapped_command("act x --topic t", 20), ElementsAre("act x --topic t"));
  EXPECT_THAT(wrapped_command("act x --topic t --partition 0", 20),
              ElementsAre("act x --topic t \\", "--partition 0"));
  EXPECT_THAT(wrapped_command("act x --topic tttttttttttttttttttt --offset 1", 16),
              ElementsAre("act x \\", "--topic tttttttttttttttttttt \\", "--offset 1"));
  EXPECT_THAT(wrapped_command("aaaaaaaaaaaaaaaaaaaaaa", 4), ElementsAre("aaaaaaaaaaaaaaaaaaaaaa"));
}

TEST(WordsTest, NumbersAreShort) {
  EXPECT_EQ(count({}), "-");
  EXPECT_EQ(count(0), "0");
  EXPECT_EQ(count(9999), "9999");
  EXPECT_EQ(count(10'000), "10.0k");
  EXPECT_EQ(count(120'345), "120k");
  EXPECT_EQ(count(3'400'000'000.0), "3400M");
  EXPECT_EQ(rate(0), "0");
  EXPECT_EQ(rate(0.42), "0.4");
  EXPECT_EQ(rate(950.2), "950");
  EXPECT_EQ(rate({}), "-");
  EXPECT_EQ(latency(0.0414), "41ms");
  EXPECT_EQ(latency(2.14), "2.1s");
  EXPECT_EQ(latency(200), "3m20s");
  EXPECT_EQ(latency({}), "-");
}

TEST(WordsTest, DurationsHaveTwoUnitsAtMost) {
  EXPECT_EQ(duration(seconds(-1)), "0s");
  EXPECT_EQ(duration(seconds(41)), "41s");
  EXPECT_EQ(duration(seconds(60)), "1m");
  EXPECT_EQ(duration(seconds(200)), "3m20s");
  EXPECT_EQ(duration(hours(8) + seconds(48 * 60)), "8h48m");
  EXPECT_EQ(duration(hours(292)), "12d4h");
  EXPECT_EQ(duration(hours(2405)), "100d");
}

}  // namespace
}  // namespace sluice::glance
