#include "demo/generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "demo/record_id.h"
#include "demo/record_values.h"
#include "simulator/records.h"
#include "support/fake_clock.h"

namespace sluice::demo {
namespace {

using testing::ElementsAre;

constexpr int kMany = 20'000;

const simulator::EventType& type_of(const GeneratedRecord& record) {
  return simulator::kEventTypes.at(record.type);
}

// What the API says to it alone.
auto offered_to_the_api(const GeneratedRecord& record) {
  return simulator::read_records(type_of(record), record.value, {"account", "workspace"});
}

std::vector<GeneratedRecord> generate(int count, std::uint64_t seed = 1) {
  Generator generator("account", "workspace", seed);
  test::FakeClock clock;
  std::vector<GeneratedRecord> records;
  for (int i = 0; i < count; ++i) {
    records.push_back(generator.next(clock.wall_now()));
    clock.advance(std::chrono::milliseconds(1));
  }
  return records;
}

TEST(Generator, NumbersRecordsAndNamesThemByType) {
  const auto records = generate(100);
  for (std::uint64_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].number, i);
    EXPECT_EQ(records[i].id, record_id(type_of(records[i]), i));
  }
}

TEST(Generator, TheApiTakesEveryGoodRecordAndKnowsItByItsId) {
  std::set<std::size_t> seen;
  for (const auto& record : generate(kMany)) {
    if (record.bad) continue;
    const auto ids = offered_to_the_api(record);
    ASSERT_TRUE(ids.has_value()) << record.value;
    EXPECT_THAT(*ids, ElementsAre(record.id));
    seen.insert(record.type);
  }
  EXPECT_EQ(seen.size(), simulator::kEventTypes.size());
}

TEST(Generator, TheApiTakesNoBadRecord) {
  for (const auto& record : generate(kMany)) {
    if (!record.bad) continue;
    EXPECT_FALSE(offered_to_the_api(record).has_value()) << record.value;
  }
}

TEST(Generator, TwoInAThousandAreBad) {
  const auto records = generate(kMany);
  EXPECT_EQ(std::count_if(records.begin(), records.end(), [](const auto& r) { return r.bad; }),
            kMany / 500);
}

TEST(Generator, RecordsOfAUserHaveTheUserAsKey) {
  for (const auto& record : generate(1000)) {
    if (record.bad) continue;
    EXPECT_NE(record.value.find("\"user_id\":\"" + record.key + '"'), std::string::npos);
  }
}

TEST(Generator, TheSameSeedGivesTheSameRecordsAndAnotherSeedOthers) {
  EXPECT_EQ(generate(50, 7).back().value, generate(50, 7).back().value);
  EXPECT_NE(generate(50, 7).back().value, generate(50, 8).back().value);
}

TEST(Generator, SharesOfTypesAreAsAsked) {
  std::map<std::size_t, double> counts;
  for (const auto& record : generate(kMany)) ++counts[record.type];
  for (std::size_t i = 0; i < simulator::kEventTypes.size(); ++i) {
    EXPECT_NEAR(counts[i] / kMany, share_of(simulator::kEventTypes.at(i)) / 100.0, 0.01);
  }
}

class EveryFlaw : public testing::TestWithParam<std::uint8_t> {};

TEST_P(EveryFlaw, MakesARecordOfAnyTypeBad) {
  SeededRandom random(1);
  for (const auto& type : simulator::kEventTypes) {
    const Subject subject{"account", "workspace", "player-1", record_id(type, 1),
                          "2026-09-21T14:13:20.000Z"};
    const Fields fields = record_values(type, subject, random);
    const simulator::Tenant tenant{"account", "workspace"};
    ASSERT_TRUE(simulator::read_records(type, fields.to_json(), tenant).has_value()) << type.name;
    const std::string bad = spoiled(fields, static_cast<Flaw>(GetParam()));
    EXPECT_FALSE(simulator::read_records(type, bad, tenant).has_value()) << bad;
  }
}

INSTANTIATE_TEST_SUITE_P(Flaws, EveryFlaw, testing::Range(std::uint8_t{0}, kFlaws));

}  // namespace
}  // namespace sluice::demo
