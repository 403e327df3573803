// Ledger and metadata together: one owner after another dies, and the next reads what was stored.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "commit/ledger.h"
#include "commit/metadata.h"

namespace sluice::commit {
namespace {

const Origin kOrigin{"cluster", "events", 0};

// What the broker holds for the partition.
struct Stored {
  std::int64_t offset = 0;
  std::string metadata;
  std::int64_t covers_to = std::numeric_limits<std::int64_t>::max();
};

class RestartProperty : public testing::TestWithParam<std::uint64_t> {
 protected:
  RestartProperty() {
    std::int64_t offset = below(5);
    for (int i = 0; i < 3000; ++i) {
      records_.push_back(offset);
      offset += random_.next_unit() < 0.95 ? 1 : 1 + below(40);
    }
  }

  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_.next_unit() * static_cast<double>(bound));
  }

  // Reads some records from what is stored on, finishes some in any order, commits now and then.
  void live_and_die() {
    Ledger ledger;
    const auto ahead = decode(stored_.metadata, kOrigin, stored_.offset);
    EXPECT_EQ(ahead.has_value(), !stored_.metadata.empty());
    ledger.restore(ahead.value_or(std::vector<OffsetRange>{}));
    const std::int64_t start = stored_.offset;
    finished_at_start_ = finished_;
    std::vector<std::pair<Ticket, std::int64_t>> open;
    const std::int64_t end = start + 50 + below(600);
    for (const auto offset : records_) {
      if (offset < start || offset >= end) continue;
      const bool before = ledger.finished_before(offset);
      const Ticket ticket = ledger.add(offset);
      judge(offset, before);
      if (before) {
        ledger.complete(ticket);
      } else {
        open.emplace_back(ticket, offset);
      }
      while (!open.empty() && random_.next_unit() < 0.45) finish_one(ledger, open);
      if (random_.next_unit() < 0.05) commit(ledger);
    }
  }

  void judge(std::int64_t offset, bool before) {
    const bool finished = finished_at_start_.count(offset) > 0;
    EXPECT_EQ(before, finished) << offset << (before ? " is lost" : " is sent again");
  }

  void finish_one(Ledger& ledger, std::vector<std::pair<Ticket, std::int64_t>>& open) {
    const auto pick = below(static_cast<std::int64_t>(open.size()));
    const auto [ticket, offset] = open[static_cast<std::size_t>(pick)];
    open.erase(open.begin() + pick);
    ledger.complete(ticket);
    finished_.insert(offset);
  }

  void commit(const Ledger& ledger) {
    const std::int64_t offset = ledger.commit_point().value_or(stored_.offset);
    EXPECT_GE(offset, stored_.offset);
    const auto limit = random_.next_unit() < 0.5 ? kMostMetadata : 32 + 4 * std::size_t(below(20));
    Metadata metadata = encode(kOrigin, offset, ledger.ahead(), limit);
    stored_ = {offset, std::move(metadata.text), metadata.covers_to};
    committed_finished_ = finished_;
  }

  // What was not committed, or did not fit, will be done again.
  void forget() {
    const auto covers_to = std::max(stored_.offset, stored_.covers_to);
    std::erase_if(committed_finished_, [&](std::int64_t offset) { return offset >= covers_to; });
    finished_ = committed_finished_;
  }

  SeededRandom random_{GetParam()};
  std::vector<std::int64_t> records_;
  Stored stored_;
  std::set<std::int64_t> finished_;
  std::set<std::int64_t> finished_at_start_;
  std::set<std::int64_t> committed_finished_;  // those of which a commit could tell
};

TEST_P(RestartProperty, LosesNothingAndRepeatsNothingThatTheMetadataCovers) {
  for (int owner = 0; owner < 40; ++owner) {
    live_and_die();
    forget();
  }
  EXPECT_GT(stored_.offset, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RestartProperty, testing::Range<std::uint64_t>(0, 20));

}  // namespace
}  // namespace sluice::commit
