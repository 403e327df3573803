#include "deliver/bisection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <iterator>
#include <optional>
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

// Which record of a refused part an API names.
using Naming = std::function<std::optional<std::size_t>(batch::Range)>;

// An API that refuses every request that holds a bad record.
Trace bisect(std::size_t records, const std::set<std::size_t>& bad, const Naming& naming = {}) {
  Bisection bisection(records);
  Trace run;
  while (const auto part = bisection.next()) {
    ++run.requests;
    const auto found = bad.lower_bound(part->first);
    if (found == bad.end() || *found >= part->last) {
      for (std::size_t i = part->first; i < part->last; ++i) run.delivered.push_back(i);
      bisection.delivered(*part);
    } else if (bisection.refused(*part)) {
      run.refused.push_back(part->first);
    } else if (const auto named = naming ? naming(*part) : std::nullopt) {
      bisection.named(*named);
    }
    if (run.requests > 100'000) break;
  }
  return run;
}

std::set<std::size_t> set_of(std::size_t records, std::uint32_t pattern) {
  std::set<std::size_t> chosen;
  for (std::size_t i = 0; i < records; ++i) {
    if ((pattern >> i & 1U) != 0) chosen.insert(i);
  }
  return chosen;
}

void expect_each_once(const Trace& run, std::size_t records, const std::set<std::size_t>& bad) {
  ASSERT_EQ(run.refused, std::vector<std::size_t>(bad.begin(), bad.end()));
  std::vector<std::size_t> good;
  for (std::size_t i = 0; i < records; ++i) {
    if (bad.count(i) == 0) good.push_back(i);
  }
  ASSERT_EQ(run.delivered, good);
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

TEST(BisectionTest, NeighboursThatAreBadCostOneRequestEach) {
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < 500; ++i) all.insert(i);
  const Trace run = bisect(500, all);
  EXPECT_EQ(run.refused.size(), 500U);
  EXPECT_EQ(run.requests, 518) << "two searches, then one for each";
}

TEST(BisectionTest, EverySmallBatchKeepsToTheBound) {
  for (std::size_t records = 1; records <= 12; ++records) {
    for (std::uint32_t pattern = 0; pattern < (1U << records); ++pattern) {
      const auto bad = set_of(records, pattern);
      const Trace run = bisect(records, bad);
      expect_each_once(run, records, bad);
      ASSERT_LE(run.requests, bound(records, bad.size())) << records << " " << pattern;
    }
  }
}

TEST(BisectionTest, ABadRecordThatIsNamedCostsThreeRequests) {
  for (std::size_t records = 1; records <= 10; ++records) {
    for (std::uint32_t pattern = 0; pattern < (1U << records); ++pattern) {
      const auto bad = set_of(records, pattern);
      const Trace run =
          bisect(records, bad, [&](batch::Range part) { return *bad.lower_bound(part.first); });
      expect_each_once(run, records, bad);
      ASSERT_LE(run.requests, 1 + 3 * static_cast<int>(bad.size())) << records << " " << pattern;
      ASSERT_LE(run.requests, bound(records, bad.size())) << records << " " << pattern;
    }
  }
}

// Names the last bad record, the last record, the first, or any.
class WrongNames : public testing::TestWithParam<int> {};

TEST_P(WrongNames, CostTwoRequestsAboveTheBoundAtMost) {
  SeededRandom random(9);
  const auto naming = [&](batch::Range part, const std::set<std::size_t>& bad) {
    if (GetParam() == 0) return *std::prev(bad.lower_bound(part.last));
    if (GetParam() == 1) return part.last - 1;
    if (GetParam() == 2) return part.first;
    return part.first + random.next_bits() % part.size();
  };
  for (std::size_t records = 1; records <= 10; ++records) {
    for (std::uint32_t pattern = 0; pattern < (1U << records); ++pattern) {
      const auto bad = set_of(records, pattern);
      const Trace run = bisect(records, bad, [&](batch::Range part) { return naming(part, bad); });
      expect_each_once(run, records, bad);
      ASSERT_LE(run.requests, 2 + bound(records, bad.size())) << records << " " << pattern;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, WrongNames, testing::Range(0, 4));

TEST(BisectionTest, ARecordBehindAGoodOneDoesNotGoAlone) {
  Bisection bisection(8);
  EXPECT_TRUE(bisection.refused({0, 1}));
  EXPECT_TRUE(bisection.refused({1, 2}));
  EXPECT_EQ(bisection.next(), (batch::Range{2, 3})) << "two neighbours were bad";
  bisection.delivered({2, 3});
  EXPECT_TRUE(bisection.refused({3, 4}));
  EXPECT_EQ(bisection.next(), (batch::Range{4, 8}));
}

TEST(BisectionTest, ANamedRecordIsGoneToStraight) {
  Bisection bisection(500);
  EXPECT_FALSE(bisection.refused({0, 500}));
  bisection.named(321);
  EXPECT_EQ(bisection.next(), (batch::Range{0, 321}));
  bisection.delivered({0, 321});
  EXPECT_EQ(bisection.next(), (batch::Range{321, 322}));
  EXPECT_TRUE(bisection.refused({321, 322}));
  EXPECT_EQ(bisection.next(), (batch::Range{322, 500}));
}

TEST(BisectionTest, TheFirstRecordMayBeNamed) {
  Bisection bisection(10);
  EXPECT_FALSE(bisection.refused({0, 10}));
  bisection.named(0);
  EXPECT_EQ(bisection.next(), (batch::Range{0, 1}));
}

TEST(BisectionTest, AnAPIThatNamesTheWrongOneIsSearchedAsEver) {
  Bisection bisection(8);
  EXPECT_FALSE(bisection.refused({0, 8}));
  bisection.named(4);
  bisection.delivered({0, 4});
  bisection.delivered({4, 5});
  EXPECT_EQ(bisection.next(), (batch::Range{5, 7})) << "a bad one stands in [5, 8)";
  Bisection in_front(8);
  EXPECT_FALSE(in_front.refused({0, 8}));
  in_front.named(4);
  EXPECT_FALSE(in_front.refused({0, 4})) << "there is another one in front of it";
  EXPECT_EQ(in_front.next(), (batch::Range{0, 2}));
}

TEST(BisectionTest, ANameOutsideWhatWasSentIsPassedOver) {
  Bisection bisection(10);
  bisection.delivered({0, 4});
  EXPECT_FALSE(bisection.refused({4, 8}));
  bisection.named(9);
  bisection.named(2);
  EXPECT_EQ(bisection.next(), (batch::Range{4, 6}));
}

class BisectionProperty : public testing::TestWithParam<std::uint64_t> {};

// Every record is delivered or refused exactly once, in order, only bad ones are refused, and the
// requests stay within k * (ceil(log2 n) + 2) after the first.
TEST_P(BisectionProperty, FindsExactlyTheBadRecords) {
  SeededRandom random(GetParam());
  const auto records = 1 + static_cast<std::size_t>(random.next_unit() * 1000);
  const double share = GetParam() % 2 == 0 ? 0.01 : random.next_unit();
  std::set<std::size_t> bad;
  for (std::size_t i = 0; i < records; ++i) {
    if (random.next_unit() < share) bad.insert(i);
  }
  const Trace run = bisect(records, bad);
  expect_each_once(run, records, bad);
  EXPECT_LE(run.requests, bound(records, bad.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, BisectionProperty, testing::Range<std::uint64_t>(0, 200));

}  // namespace
}  // namespace sluice::deliver
