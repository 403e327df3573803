#include "commit/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "commit/base64.h"

namespace sluice::commit {
namespace {

using Ranges = std::vector<OffsetRange>;

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

const Origin kOrigin{"cluster", "events", 3};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_.next_unit() * static_cast<double>(bound));
  }

 private:
  SeededRandom random_;
};

// From near to far, dense to sparse; a restored range may begin at the commit point itself.
Ranges random_ranges(Dice& dice, std::int64_t from) {
  Ranges ranges;
  const std::int64_t widest = std::int64_t{1} << (1 + dice.below(16));
  std::int64_t at = from + dice.below(2);
  for (std::int64_t i = 0; i <= dice.below(4000); ++i) {
    const std::int64_t first = at + dice.below(widest);
    const std::int64_t last = first + 1 + dice.below(widest);
    ranges.push_back({first, last});
    at = last + 1;
  }
  return ranges;
}

// What is left of the ranges below an offset.
Ranges below(const Ranges& ranges, std::int64_t end) {
  Ranges left;
  for (const auto& range : ranges) {
    if (range.first < end) left.push_back({range.first, std::min(range.last, end)});
  }
  return left;
}

Ranges every(std::int64_t step, std::int64_t from, std::int64_t count) {
  Ranges ranges;
  for (std::int64_t i = 0; i < count; ++i) {
    ranges.push_back({from + i * step, from + i * step + 1});
  }
  return ranges;
}

// How many of the ranges one metadata holds.
std::size_t fitting(const Ranges& ranges, std::int64_t commit_point) {
  const auto text = encode(kOrigin, commit_point, ranges).text;
  const auto decoded = decode(text, kOrigin, commit_point);
  return decoded ? decoded->size() : 0;
}

TEST(MetadataTest, OfNothingIsNothing) {
  EXPECT_EQ(encode(kOrigin, 100, {}).text, "");
  EXPECT_EQ(encode(kOrigin, 100, {}).covers_to, kAll);
  EXPECT_EQ(encode(kOrigin, 100, {{40, 50}}).text, "") << "the commit point says that already";
  EXPECT_EQ(decode("", kOrigin, 100), std::nullopt);
}

TEST(MetadataTest, IsPlainTextThatIsReadBack) {
  const Ranges ahead{{102, 110}, {1'000'000, 3'000'000}};
  const Metadata metadata = encode(kOrigin, 100, ahead);
  EXPECT_THAT(metadata.text, testing::MatchesRegex("[A-Za-z0-9+/]+=*"));
  EXPECT_LT(metadata.text.size(), 60U);
  EXPECT_EQ(metadata.covers_to, kAll);
  EXPECT_EQ(decode(metadata.text, kOrigin, 100), ahead);
}

TEST(MetadataTest, LeavesOutWhatTheCommitPointSays) {
  EXPECT_EQ(decode(encode(kOrigin, 100, {{40, 60}, {90, 120}}).text, kOrigin, 100),
            (Ranges{{100, 120}}));
}

// A change here breaks what is stored in people's clusters: it needs a new version byte.
TEST(MetadataTest, IsWrittenAsItAlwaysWas) {
  EXPECT_EQ(encode(kOrigin, 100, {{102, 110}, {1'000'000, 3'000'000}}).text,
            "AQDGuj9uXTDezmQAAAAAAAAAiAP+uwII0oM9gIl6");
  EXPECT_EQ(encode(kOrigin, 100, every(2, 101, 12)).text, "AQHGuj9uXTDezmQAAAAAAAAA7zpCZaqqqg==");
}

class MetadataProperty : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MetadataProperty, HoldsTheLowestOffsetsThatFit) {
  Dice dice(GetParam());
  for (int round = 0; round < 20; ++round) {
    const std::int64_t point = dice.below(std::int64_t{1} << 40);
    const Ranges ahead = random_ranges(dice, point);
    const auto limit = static_cast<std::size_t>(dice.below(kMostMetadata + 1));
    const Metadata metadata = encode(kOrigin, point, ahead, limit);
    ASSERT_LE(metadata.text.size(), limit);
    ASSERT_EQ(decode(metadata.text, kOrigin, point).value_or(Ranges{}),
              below(ahead, metadata.covers_to));
    if (metadata.covers_to == kAll) continue;
    ASSERT_TRUE(std::any_of(ahead.begin(), ahead.end(), [&](const auto& range) {
      return range.first <= metadata.covers_to && metadata.covers_to < range.last;
    })) << "the first one left out is one of them";
  }
}

TEST_P(MetadataProperty, TakesNoTextWithAnyOneCharacterChanged) {
  Dice dice(GetParam());
  const std::string text = encode(kOrigin, 5000, random_ranges(dice, 5000), 400).text;
  ASSERT_TRUE(decode(text, kOrigin, 5000));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ (1 + dice.below(255)));
    ASSERT_EQ(decode(changed, kOrigin, 5000), std::nullopt) << i;
    ASSERT_EQ(decode(text.substr(0, i), kOrigin, 5000), std::nullopt) << i;
  }
  EXPECT_EQ(decode(text + text, kOrigin, 5000), std::nullopt);
  EXPECT_EQ(decode(text + "AAAA", kOrigin, 5000), std::nullopt);
}

TEST_P(MetadataProperty, TakesNoGarbage) {
  Dice dice(GetParam());
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (auto left = dice.below(200); left > 0; --left) {
      bytes += static_cast<char>(dice.below(256));
    }
    EXPECT_EQ(decode(bytes, kOrigin, 0), std::nullopt);
    EXPECT_EQ(decode(to_base64(bytes), kOrigin, 0), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MetadataProperty, testing::Range<std::uint64_t>(0, 20));

TEST(MetadataTest, BelongsToOneOffsetOfOnePartitionOfOneTopicOfOneCluster) {
  const std::string text = encode(kOrigin, 100, {{102, 110}}).text;
  EXPECT_TRUE(decode(text, kOrigin, 100));
  EXPECT_EQ(decode(text, kOrigin, 99), std::nullopt);
  EXPECT_EQ(decode(text, kOrigin, 101), std::nullopt);
  EXPECT_EQ(decode(text, {"another", "events", 3}, 100), std::nullopt);
  EXPECT_EQ(decode(text, {"cluster", "events2", 3}, 100), std::nullopt);
  EXPECT_EQ(decode(text, {"cluster", "events", 4}, 100), std::nullopt);
}

TEST(MetadataTest, TakesNothingThatIsTooLong) {
  EXPECT_EQ(decode(std::string(4 * kMostMetadata, 'A'), kOrigin, 0), std::nullopt);
  EXPECT_LE(encode(kOrigin, 0, every(2, 1, 20'000), 1'000'000).text.size(), kMostMetadata);
}

TEST(MetadataTest, SaysNothingWhereThereIsNoRoom) {
  for (const std::size_t limit : {0U, 4U, 28U, 32U}) {
    const Metadata metadata = encode(kOrigin, 100, {{200, 300}}, limit);
    if (metadata.text.empty()) {
      EXPECT_EQ(metadata.covers_to, 200) << limit;
    }
    EXPECT_LE(metadata.text.size(), limit);
  }
  EXPECT_EQ(encode(kOrigin, 100, {{200, 300}}, 31).text, "");
}

TEST(MetadataTest, FarAwayRangesCostNoMemory) {
  const std::int64_t far = kAll - 1;
  const Metadata metadata = encode(kOrigin, 0, {{1, 2}, {far - 5, far}});
  EXPECT_EQ(decode(metadata.text, kOrigin, 0), (Ranges{{1, 2}, {far - 5, far}}));
  EXPECT_EQ(encode(kOrigin, far, {{far, kAll}}).covers_to, kAll);
}

// The header promises these figures.
TEST(MetadataTest, HoldsAsMuchAsItSays) {
  EXPECT_EQ(fitting(every(2, 1, 100'000), 0), 12'200U);
  EXPECT_EQ(fitting(every(8, 1, 100'000), 0), 3'050U);
  EXPECT_EQ(fitting(every(100, 1, 100'000), 0), 1'525U);
  Ranges wide;
  for (std::int64_t at = 127; wide.size() < 100'000; at += 254) wide.push_back({at, at + 127});
  EXPECT_EQ(fitting(wide, 0), 1'525U);
}

TEST(OffsetRangeTest, ALogThatEndsBelowTheLastOfThemHoldsOtherRecords) {
  EXPECT_TRUE(all_within({}, 0));
  EXPECT_TRUE(all_within({{15, 20}, {40, 50}}, 50)) << "49 was the last record";
  EXPECT_FALSE(all_within({{15, 20}, {40, 50}}, 49));
  EXPECT_FALSE(all_within({{15, 20}, {40, 50}}, 20));
}

}  // namespace
}  // namespace sluice::commit
