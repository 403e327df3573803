#include "deliver/bisection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "base/random.h"

namespace sluice::deliver {
namespace {

struct Trace {
  std::vector<std::size_t> delivered;
  std::vector<std::size_t> refused;
  int requests = 0;
};

// An API that refuses every request that holds a bad record.
Trace bisect(std::size_t records, const std::set<std::size_t>& bad) {
  Bisection bisection(records);
  Trace run;
  while (const auto part = bisection.next()) {
    ++run.requests;
    const auto found = bad.lower_bound(part->first);
    if (found != bad.end() && *found < part->last) {
      if (bisection.refused(*part)) run.refused.push_back(part->first);
    } else {
      for (std::size_t i = part->first; i < part->last; ++i) run.delivered.push_back(i);
      bisection.delivered(*part);
    }
    if (run.requests > 100'000) break;
  }
  return run;
}

int bound(std::size_t records, std::size_t bad) {
  const double halvings = std::ceil(std::log2(static_cast<double>(records)));
  return 1 + static_cast<int>(bad) * (static_cast<int>(halvings) + 2);
}

TEST(BisectionTest, AGoodBatchIsOneRequest) {
  const Trace run = bisect(500, {});
  EXPECT_EQ(run.requests, 1);
  EXPECT_EQ(run.delivered.size(), 500U);
}

TEST(BisectionTest, ABadRecordOfOneIsOneRequest) {
  const Trace run = bisect(1, {0});
  EXPECT_EQ(run.requests, 1);
  EXPECT_EQ(run.refused, std::vector<std::size_t>{0});
}

TEST(BisectionTest, EachBadRecordAloneIsFoundWithinTheBound) {
  for (std::size_t bad = 0; bad < 500; ++bad) {
    const Trace run = bisect(500, {bad});
    ASSERT_EQ(run.refused, std::vector<std::size_t>{bad});
    ASSERT_EQ(run.delivered.size(), 499U);
    ASSERT_LE(run.requests, bound(500, 1)) << "bad record " << bad;
  }
}

TEST(BisectionTest, AnAPIThatChangesItsMindLosesNothing) {
  Bisection bisection(8);
  EXPECT_FALSE(bisection.refused({0, 8}));
  while (const auto part = bisection.next()) bisection.delivered(*part);
  EXPECT_EQ(bisection.next(), std::nullopt);
}

TEST(BisectionTest, TakesAShorterPartThanItAskedFor) {
  Bisection bisection(10);
  bisection.delivered({0, 3});
  EXPECT_EQ(bisection.next(), (batch::Range{3, 10}));
  EXPECT_FALSE(bisection.refused({3, 6}));
  EXPECT_EQ(bisection.next(), (batch::Range{3, 5}));
}

class BisectionProperty : public testing::TestWithParam<std::uint64_t> {};

// Every record is delivered or refused exactly once, in order, only bad ones are refused, and the
// requests stay within k * (ceil(log2 n) + 2) after the first.
TEST_P(BisectionProperty, FindsExactlyTheBadRecords) {
  SeededRandom random(GetParam());
  const auto records = 1 + static_cast<std::size_t>(random.next_unit() * 600);
  std::set<std::size_t> bad;
  const auto wanted = static_cast<std::size_t>(random.next_unit() * 12);
  for (std::size_t i = 0; i < wanted; ++i) {
    bad.insert(static_cast<std::size_t>(random.next_unit() * static_cast<double>(records)));
  }
  const Trace run = bisect(records, bad);
  EXPECT_EQ(run.refused, std::vector<std::size_t>(bad.begin(), bad.end()));
  std::vector<std::size_t> good;
  for (std::size_t i = 0; i < records; ++i) {
    if (bad.count(i) == 0) good.push_back(i);
  }
  EXPECT_EQ(run.delivered, good);
  EXPECT_LE(run.requests, bound(records, bad.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, BisectionProperty, testing::Range<std::uint64_t>(0, 200));

}  // namespace
}  // namespace sluice::deliver
