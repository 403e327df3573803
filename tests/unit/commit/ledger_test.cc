#include "commit/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/random.h"

namespace sluice::commit {
namespace {

using Ranges = std::vector<OffsetRange>;

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

TEST(LedgerTest, TellsWhatIsFinishedBeyondTheCommitPoint) {
  Ledger ledger;
  std::vector<Ticket> tickets;
  for (const std::int64_t offset : {10, 11, 12, 15, 16, 17}) tickets.push_back(ledger.add(offset));
  EXPECT_FALSE(ledger.has_ahead());
  ledger.complete(tickets[2]);
  ledger.complete(tickets[3]);
  ledger.complete(tickets[5]);
  EXPECT_TRUE(ledger.has_ahead());
  EXPECT_EQ(ledger.ahead(), (Ranges{{12, 16}, {17, 18}})) << "13 and 14 are no records";
  ledger.complete(tickets[0]);
  ledger.complete(tickets[1]);
  EXPECT_EQ(ledger.commit_point(), 16);
  EXPECT_EQ(ledger.ahead(), (Ranges{{17, 18}}));
  ledger.complete(tickets[4]);
  EXPECT_FALSE(ledger.has_ahead());
  EXPECT_TRUE(ledger.ahead().empty());
}

TEST(LedgerTest, KnowsWhatAnEarlierOwnerFinished) {
  Ledger ledger;
  ledger.restore({{12, 14}, {20, 21}});
  EXPECT_FALSE(ledger.finished_before(11));
  EXPECT_TRUE(ledger.finished_before(12));
  EXPECT_TRUE(ledger.finished_before(13));
  EXPECT_FALSE(ledger.finished_before(14));
  EXPECT_TRUE(ledger.finished_before(20));
  EXPECT_FALSE(ledger.finished_before(21));
  EXPECT_FALSE(ledger.finished_before(1000));
}

TEST(LedgerTest, KeepsSayingWhatAnEarlierOwnerFinishedUntilTheCommitPointPassesIt) {
  Ledger ledger;
  ledger.restore({{11, 13}, {20, 30}});
  EXPECT_EQ(ledger.ahead(), (Ranges{{11, 13}, {20, 30}}));
  const Ticket open = ledger.add(10);
  for (const std::int64_t offset : {11, 12}) ledger.complete(ledger.add(offset));
  const Ticket own = ledger.add(19);
  ledger.complete(own);
  EXPECT_TRUE(ledger.finished_before(20));
  ledger.complete(ledger.add(20));
  EXPECT_EQ(ledger.ahead(), (Ranges{{11, 30}})) << "one run, the unread part included";
  ledger.complete(open);
  EXPECT_EQ(ledger.commit_point(), 21);
  EXPECT_EQ(ledger.ahead(), (Ranges{{21, 30}}));
  EXPECT_FALSE(ledger.finished_before(40));
  ledger.complete(ledger.add(40));
  EXPECT_FALSE(ledger.has_ahead()) << "21 to 29 were compacted away meanwhile";
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

  std::vector<std::int64_t> finished_beyond() const {
    std::vector<std::int64_t> offsets;
    for (const auto& [offset, done] : records_) {
      if (done && offset >= commit_point().value_or(0)) offsets.push_back(offset);
    }
    return offsets;
  }
  // Those of its records that the ranges hold.
  std::vector<std::int64_t> in(const Ranges& ranges) const {
    std::vector<std::int64_t> offsets;
    for (const auto& range : ranges) {
      for (const auto& [offset, done] : records_) {
        if (offset >= range.first && offset < range.last) offsets.push_back(offset);
      }
    }
    return offsets;
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
      if (step % 8 != 0) continue;
      ASSERT_EQ(model.in(ledger.ahead()), model.finished_beyond());
      ASSERT_EQ(ledger.has_ahead(), !model.finished_beyond().empty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerProperty, testing::Range<std::uint64_t>(0, 20));

}  // namespace
}  // namespace sluice::commit
