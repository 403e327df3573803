#include "config/values.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Durations, HaveAUnit) {
  EXPECT_EQ(parse_duration("500ms").value(), milliseconds(500));
  EXPECT_EQ(parse_duration("1s").value(), seconds(1));
  EXPECT_EQ(parse_duration("2m").value(), minutes(2));
  EXPECT_EQ(parse_duration("1h").value(), hours(1));
  EXPECT_EQ(parse_duration("7d").value(), hours(7 * 24));
  EXPECT_EQ(parse_duration("0ms").value(), Duration(0));
}

TEST(Durations, NeedNoUnitForZero) { EXPECT_EQ(parse_duration("0").value(), Duration(0)); }

TEST(Durations, RefuseEverythingElse) {
  for (const char* text : {"", "5", "ms", "5us", "5ns", "5 s", " 5s", "5s ", "1.5s", "1m30s", "-1s",
                           "+1s", "5S", "5w", "0x5s", "00"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, ReachUpToTheLastThatFitsAndNoFurther) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::string last = std::to_string(kMost / 1'000'000'000);
  const std::string next = std::to_string(kMost / 1'000'000'000 + 1);
  EXPECT_EQ(parse_duration(last + "s").value(), seconds(kMost / 1'000'000'000));
  EXPECT_FALSE(parse_duration(next + "s"));
  EXPECT_FALSE(parse_duration("18446744073709551616ms"));
}

TEST(Numbers, WithAZeroInFrontAreRefusedWhateverTheirUnit) {
  constexpr std::string_view kWhy = " begins with a zero that means nothing";
  for (const auto& [text, remedy] : {std::pair("05s", "write \"5s\" without it"),
                                     {"00", "write \"0\" without it"},
                                     {"00ms", "write \"0ms\" without it"},
                                     {"007d", "write \"7d\" without it"}}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().cause, in_quotes(text) + std::string(kWhy));
    EXPECT_EQ(parsed.error().remedy, remedy);
  }
  EXPECT_EQ(parse_size("01MiB").error().cause, "\"01MiB\"" + std::string(kWhy));
  EXPECT_EQ(parse_percent("050%").error().remedy, "write \"50%\" without it");
  EXPECT_EQ(parse_whole("08").error().remedy, "write \"8\" without it");
  EXPECT_EQ(parse_decimal("01.5").error().remedy, "write \"1.5\" without it");
  EXPECT_EQ(parse_decimal("00.5").error().remedy, "write \"0.5\" without it");
  EXPECT_DOUBLE_EQ(parse_decimal("0.5").value(), 0.5);
  EXPECT_DOUBLE_EQ(parse_percent("0.5%").value(), 0.005);
}

TEST(Durations, SayWhatIsExpected) {
  const Error error = parse_duration("100").error();
  EXPECT_EQ(error.cause, "\"100\" has no unit");
  EXPECT_EQ(error.remedy, "write a whole number and one of ms, s, m, h, d, such as 500ms");
}

TEST(Sizes, HaveABinaryUnit) {
  EXPECT_EQ(parse_size("100B").value(), 100U);
  EXPECT_EQ(parse_size("512KiB").value(), 512U * 1024);
  EXPECT_EQ(parse_size("1MiB").value(), 1U << 20);
  EXPECT_EQ(parse_size("3GiB").value(), 3ULL << 30);
  EXPECT_EQ(parse_size("0").value(), 0U);
}

TEST(Sizes, RefuseEverythingElse) {
  for (const char* text : {"", "1024", "1KB", "1K", "1kib", "1M", "-1B", "1.5MiB", "1 MiB", "KiB",
                           "8589934592GiB", "18446744073709551616B"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Percentages, AreFractionsOfOne) {
  EXPECT_DOUBLE_EQ(parse_percent("50%").value(), 0.5);
  EXPECT_DOUBLE_EQ(parse_percent("12.5%").value(), 0.125);
  EXPECT_DOUBLE_EQ(parse_percent("0%").value(), 0);
}

TEST(Percentages, RefuseEverythingElse) {
  for (const char* text :
       {"", "%", "50", "0.5", "-5%", "+5%", "5 %", "5%%", "nan%", "inf%", "1e1%", ".5%", "5.%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

TEST(WholeNumbers, AreDigitsWithoutALeadingZero) {
  EXPECT_EQ(parse_whole("0").value(), 0U);
  EXPECT_EQ(parse_whole("18446744073709551615").value(), std::numeric_limits<std::uint64_t>::max());
  for (const char* text :
       {"", "-1", "+1", "01", "1.0", "1e3", "0x1", "1_000", " 1", "18446744073709551616"}) {
    EXPECT_FALSE(parse_whole(text)) << text;
  }
}

TEST(Decimals, AreDigitsWithPerhapsAPoint) {
  EXPECT_DOUBLE_EQ(parse_decimal("2").value(), 2);
  EXPECT_DOUBLE_EQ(parse_decimal("1.5").value(), 1.5);
  for (const char* text : {"", "-1", "1,5", "1e3", "nan", "inf", "0x1p3", "1.", ".5", "1.5 "}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
}

TEST(Times, AreRfc3339WithAZoneOrDatesAlone) {
  const WallTime day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);
  EXPECT_EQ(parse_time("2026-11-25").value(), day);
  EXPECT_EQ(parse_time("2026-11-25T08:30:15Z").value(),
            day + std::chrono::hours(8) + minutes(30) + seconds(15));
  EXPECT_EQ(parse_time("2026-11-25t08:30z").value(), day + std::chrono::hours(8) + minutes(30));
  EXPECT_EQ(parse_time("2026-11-25T00:30:00+02:30").value(), day - std::chrono::hours(2));
  EXPECT_EQ(parse_time("2026-11-25T00:00:00.123456789987-01:00").value(),
            day + std::chrono::hours(1) +
                std::chrono::duration_cast<WallTime::duration>(Duration(123456789)));
  for (const char* text :
       {"", "2026", "2026-11", "2026-11-31", "2026-02-29", "2026-11-25T", "2026-11-25T08",
        "2026-11-25T08:00", "2026-11-25T08:00:00", "2026-11-25T24:00:00Z", "2026-11-25T08:60Z",
        "2026-11-25T08:00:00.Z", "2026-11-25T08:00:00+0100", "2026-11-25T08:00:00Z ",
        "2026-11-25 08:00:00Z", "-026-11-25", "+2026-11-25"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Formats, UseTheLargestUnitThatDivides) {
  EXPECT_EQ(format_duration(seconds(90)), "90s");
  EXPECT_EQ(format_duration(minutes(120)), "2h");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(format_duration(Duration(0)), "0");
  EXPECT_EQ(format_size(std::size_t{1} << 20), "1MiB");
  EXPECT_EQ(format_size(1000), "1000B");
  EXPECT_EQ(format_size(0), "0");
}

TEST(Quoted, ShortensAndHidesControlCharacters) {
  EXPECT_EQ(in_quotes("plain"), "\"plain\"");
  EXPECT_EQ(in_quotes("a\x1b[31m\n"), "\"a?[31m?\"");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

TEST(Quoted, NeverCutsACharacterInTwo) {
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\u00e9"), "\"" + std::string(59, 'x') + "...\"");
}

}  // namespace
}  // namespace sluice::config
