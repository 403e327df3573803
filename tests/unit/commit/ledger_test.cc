#include "commit/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/random.h"
#include "commit/unconfirmed.h"

namespace sluice::commit {
namespace {

TEST(LedgerTest, HasNoCommitPointUntilTheFirstRecordIsDone) {
  Ledger ledger;
  EXPECT_EQ(ledger.commit_point(), std::nullopt);
  const Ticket first = ledger.add(40);
  const Ticket second = ledger.add(41);
  ledger.complete(second);
  EXPECT_EQ(ledger.commit_point(), std::nullopt);
  ledger.complete(first);
  EXPECT_EQ(ledger.commit_point(), 42);
  EXPECT_EQ(ledger.outstanding(), 0U);
}

TEST(LedgerTest, JumpsOverGapsOnlyWithTheRecordBehindThem) {
  Ledger ledger;
  const Ticket a = ledger.add(0);
  const Ticket b = ledger.add(1000);
  ledger.complete(a);
  EXPECT_EQ(ledger.commit_point(), 1) << "the gap is not known to be one until 1000 is done";
  ledger.complete(b);
  EXPECT_EQ(ledger.commit_point(), 1001);
}

TEST(LedgerTest, CompletingTwiceChangesNothing) {
  Ledger ledger;
  const Ticket a = ledger.add(5);
  const Ticket b = ledger.add(6);
  ledger.complete(a);
  ledger.complete(a);
  EXPECT_EQ(ledger.commit_point(), 6);
  EXPECT_EQ(ledger.outstanding(), 1U);
  ledger.complete(b);
  EXPECT_EQ(ledger.commit_point(), 7);
}

// The slow obvious model: every record ever added, looked through from the start.
class LedgerModel {
 public:
  void add(std::int64_t offset) { records_.emplace_back(offset, false); }
  void complete(Ticket ticket) { records_[ticket].second = true; }
  std::optional<std::int64_t> commit_point() const {
    std::optional<std::int64_t> point;
    for (const auto& [offset, done] : records_) {
      if (!done) break;
      point = offset + 1;
    }
    return point;
  }

 private:
  std::vector<std::pair<std::int64_t, bool>> records_;
};

// Adds, gaps, completions in any order, late and repeated ones, and assignments that end and come
// back: after each step the ledger says what the model says, and never less than before.
class LedgerProperty : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LedgerProperty, AgreesWithTheObviousModel) {
  SeededRandom random(GetParam());
  auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random.next_unit() * static_cast<double>(bound));
  };
  for (int assignment = 0; assignment < 5; ++assignment) {
    Ledger ledger;
    LedgerModel model;
    std::vector<Ticket> open;
    std::vector<Ticket> done;
    std::int64_t offset = static_cast<std::int64_t>(below(1000));
    std::optional<std::int64_t> last;
    for (int step = 0; step < 400; ++step) {
      if (open.empty() || random.next_unit() < 0.5) {
        open.push_back(ledger.add(offset));
        model.add(offset);
        offset += random.next_unit() < 0.9 ? 1 : 1 + static_cast<std::int64_t>(below(50));
      } else if (!done.empty() && random.next_unit() < 0.1) {
        ledger.complete(done[below(done.size())]);
      } else {
        const std::size_t pick = below(open.size());
        ledger.complete(open[pick]);
        model.complete(open[pick]);
        done.push_back(open[pick]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
      }
      ASSERT_EQ(ledger.commit_point(), model.commit_point());
      ASSERT_GE(ledger.commit_point().value_or(-1), last.value_or(-1));
      last = ledger.commit_point();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerProperty, testing::Range<std::uint64_t>(0, 20));

TEST(UnconfirmedBatchesTest, CountsFromTheFirstRequestUntilACommitCoversTheLastRecord) {
  UnconfirmedBatches batches;
  batches.sent(499);
  batches.sent(999);
  EXPECT_EQ(batches.count(), 2U);
  batches.confirmed(499);
  EXPECT_EQ(batches.count(), 2U) << "499 is the next offset to read: record 499 is not covered";
  batches.confirmed(500);
  EXPECT_EQ(batches.count(), 1U);
  batches.confirmed(5000);
  EXPECT_EQ(batches.count(), 0U);
}

}  // namespace
}  // namespace sluice::commit
