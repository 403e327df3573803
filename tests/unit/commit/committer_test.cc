#include "commit/committer.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/fake_clock.h"

namespace sluice::commit {
namespace {

class CommitterTest : public testing::Test {
 protected:
  std::vector<CommitItem> send(std::vector<CommitItem> items) {
    if (!items.empty()) committer_.sent(items, clock_.now());
    return items;
  }
  std::vector<CommitItem> send_next() { return send(committer_.next(clock_.now())); }

  test::FakeClock clock_;
  Committer committer_;
};

using Items = std::vector<CommitItem>;

TEST_F(CommitterTest, SaysNothingWhereNothingIsNew) {
  committer_.add_lane(1, 100);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  committer_.update(1, 100);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  EXPECT_FALSE(committer_.outstanding());
}

TEST_F(CommitterTest, CoalescesWhatComesWhileACommitIsOutstanding) {
  committer_.add_lane(1, std::nullopt);
  committer_.add_lane(2, 7);
  committer_.update(1, 10);
  EXPECT_EQ(send_next(), (Items{{1, 10}}));
  committer_.update(1, 20);
  committer_.update(1, 30);
  committer_.update(2, 8);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  EXPECT_TRUE(committer_.next_at_once().empty()) << "not even a revoke may overlap one";
  EXPECT_EQ(committer_.confirmed(), (Items{{1, 10}}));
  clock_.advance(Committer::kPace);
  EXPECT_EQ(committer_.next(clock_.now()), (Items{{1, 30}, {2, 8}}));
}

TEST_F(CommitterTest, KeepsAPaceUnlessInAHurry) {
  committer_.add_lane(1, 0);
  committer_.update(1, 5);
  EXPECT_EQ(send_next(), (Items{{1, 5}})) << "the first one does not wait";
  const Instant sent = clock_.now();
  clock_.advance(Committer::kPace / 2);
  committer_.confirmed();
  EXPECT_EQ(committer_.deadline(clock_.now()), std::nullopt) << "nothing is new";
  committer_.update(1, 6);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  EXPECT_EQ(committer_.deadline(clock_.now()), sent + Committer::kPace);
  EXPECT_EQ(committer_.next_at_once(), (Items{{1, 6}})) << "a stop does not wait";
  EXPECT_EQ(committer_.next_restating(clock_.now()), (Items{{1, 6}})) << "nor does a proof";
  clock_.advance(Committer::kPace / 2);
  EXPECT_EQ(committer_.deadline(clock_.now()), std::nullopt) << "next() has it";
  EXPECT_EQ(send_next(), (Items{{1, 6}}));
  committer_.confirmed();
  committer_.update(1, 7);
  committer_.hurry();
  EXPECT_EQ(send_next(), (Items{{1, 7}}));
  committer_.confirmed();
  committer_.update(1, 8);
  EXPECT_TRUE(committer_.next(clock_.now()).empty()) << "one hurry, one commit";
}

TEST_F(CommitterTest, AHurryDoesNotShortenTheWaitAfterAFailure) {
  committer_.add_lane(1, 0);
  committer_.update(1, 5);
  send_next();
  committer_.failed(clock_.now());
  committer_.hurry();
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  EXPECT_EQ(committer_.deadline(clock_.now()), clock_.now() + Committer::kFirstRetry);
}

TEST_F(CommitterTest, ALaneIsSettledOnceAllThereIsToSayIsConfirmed) {
  EXPECT_FALSE(committer_.settled(1)) << "not here";
  committer_.add_lane(1, 100);
  EXPECT_TRUE(committer_.settled(1));
  committer_.update(1, 101);
  EXPECT_FALSE(committer_.settled(1)) << "there is news";
  send_next();
  EXPECT_FALSE(committer_.settled(1)) << "it is under way";
  committer_.confirmed();
  EXPECT_TRUE(committer_.settled(1));
}

TEST_F(CommitterTest, NeverGoesBack) {
  committer_.add_lane(1, 50);
  committer_.update(1, 40);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  committer_.update(1, 60);
  committer_.update(1, 55);
  EXPECT_EQ(committer_.next(clock_.now()), (Items{{1, 60}}));
}

TEST_F(CommitterTest, WaitsAfterAFailureAndTellsWhenItWillTryAgain) {
  committer_.add_lane(1, 0);
  committer_.update(1, 5);
  send_next();
  committer_.failed(clock_.now());
  EXPECT_EQ(committer_.failures(), 1U);
  EXPECT_EQ(committer_.deadline(clock_.now()), clock_.now() + Committer::kFirstRetry);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  EXPECT_EQ(send(committer_.next_at_once()), (Items{{1, 5}})) << "a stop does not wait";
  committer_.failed(clock_.now());
  EXPECT_EQ(committer_.deadline(clock_.now()), clock_.now() + 2 * Committer::kFirstRetry);
  clock_.advance(2 * Committer::kFirstRetry);
  EXPECT_EQ(send_next(), (Items{{1, 5}}));
  committer_.confirmed();
  EXPECT_EQ(committer_.failures(), 0U);
  EXPECT_EQ(committer_.deadline(clock_.now()), std::nullopt);
}

TEST_F(CommitterTest, TheWaitAfterFailuresIsBounded) {
  committer_.add_lane(1, 0);
  committer_.update(1, 5);
  for (int i = 0; i < 100; ++i) {
    send(committer_.next_at_once());
    committer_.failed(clock_.now());
  }
  EXPECT_EQ(committer_.deadline(clock_.now()), clock_.now() + Committer::kLastRetry);
}

TEST_F(CommitterTest, CanSayAgainWhatIsOldToProveMembership) {
  committer_.add_lane(1, 50);
  committer_.add_lane(2, std::nullopt);
  committer_.add_lane(3, 7);
  committer_.update(3, 9);
  EXPECT_EQ(send(committer_.next_restating(clock_.now())), (Items{{1, 50}, {3, 9}}));
  EXPECT_TRUE(committer_.next_restating(clock_.now()).empty()) << "it is a commit like any other";
  committer_.failed(clock_.now());
  EXPECT_TRUE(committer_.next_restating(clock_.now()).empty()) << "and waits after a failure";
}

TEST_F(CommitterTest, WhatIsNewBeyondThePointIsNewsThoughThePointStays) {
  committer_.add_lane(1, 50);
  committer_.note_ahead(1);
  EXPECT_EQ(send_next(), (Items{{1, 50}}));
  committer_.confirmed();
  EXPECT_TRUE(committer_.next_at_once().empty()) << "it was said";
  committer_.update(1, 60);
  committer_.note_ahead(1);
  clock_.advance(Committer::kPace);
  EXPECT_EQ(send_next(), (Items{{1, 60}}));
  committer_.note_ahead(1);
  committer_.confirmed();
  clock_.advance(Committer::kPace);
  EXPECT_EQ(send_next(), (Items{{1, 60}})) << "it came while the other was on its way";
}

TEST_F(CommitterTest, WhatIsNewBeyondNoPointWaitsForOne) {
  committer_.add_lane(1, std::nullopt);
  committer_.note_ahead(1);
  committer_.note_ahead(2);
  EXPECT_TRUE(committer_.next(clock_.now()).empty());
  committer_.update(1, 7);
  EXPECT_EQ(committer_.next(clock_.now()), (Items{{1, 7}}));
}

TEST_F(CommitterTest, WhatIsNewBeyondThePointOutlivesAFailure) {
  committer_.add_lane(1, 50);
  committer_.note_ahead(1);
  send_next();
  committer_.failed(clock_.now());
  EXPECT_EQ(committer_.deadline(clock_.now()), clock_.now() + Committer::kFirstRetry);
  EXPECT_EQ(send(committer_.next_at_once()), (Items{{1, 50}}));
}

TEST_F(CommitterTest, ConfirmsWhatTheCallerFilledIn) {
  committer_.add_lane(1, 50);
  committer_.note_ahead(1);
  auto items = committer_.next(clock_.now());
  ASSERT_EQ(items.size(), 1U);
  items[0].metadata = "60-70";
  items[0].covers = {3, 4};
  committer_.sent(items, clock_.now());
  EXPECT_EQ(committer_.confirmed(), (Items{{1, 50, "60-70", {3, 4}}}));
}

TEST_F(CommitterTest, WhereTheMetadataIsTooLargeItGoesAgainAtOnceWithHalfOfIt) {
  committer_.add_lane(1, 50);
  committer_.note_ahead(1);
  EXPECT_EQ(committer_.metadata_limit(), kMostMetadata);
  const auto send_with = [&](std::size_t bytes) {
    auto items = committer_.next(clock_.now());
    ASSERT_EQ(items.size(), 1U) << "without a wait, and what is ahead is still to be said";
    items[0].metadata = std::string(bytes, 'x');
    committer_.sent(items, clock_.now());
  };
  send_with(4000);
  EXPECT_TRUE(committer_.metadata_too_large(clock_.now()));
  EXPECT_EQ(committer_.metadata_limit(), 2048U);
  send_with(600);
  EXPECT_TRUE(committer_.metadata_too_large(clock_.now()));
  EXPECT_EQ(committer_.metadata_limit(), 512U) << "2048 and 1024 would be as much as was refused";
  EXPECT_EQ(committer_.failures(), 0U);
  send_with(500);
  committer_.confirmed();
  EXPECT_EQ(committer_.metadata_limit(), 512U) << "for good";
}

// Against a broker that takes so much, down to nothing.
TEST_F(CommitterTest, EveryBrokerGetsACommitThatItTakes) {
  for (const unsigned takes : {4096U, 4095U, 1000U, 33U, 32U, 31U, 1U, 0U}) {
    Committer committer;
    committer.add_lane(1, 50);
    committer.note_ahead(1);
    int refused = 0;
    for (bool taken = false; !taken; refused += taken ? 0 : 1) {
      auto items = committer.next(clock_.now());
      ASSERT_EQ(items.size(), 1U);
      items[0].metadata = std::string(committer.metadata_limit(), 'x');
      taken = items[0].metadata.size() <= takes;
      committer.sent(items, clock_.now());
      if (taken) {
        committer.confirmed();
      } else {
        ASSERT_TRUE(committer.metadata_too_large(clock_.now()));
      }
    }
    EXPECT_LE(refused, 8);
    EXPECT_LE(committer.metadata_limit(), takes);
  }
}

TEST_F(CommitterTest, OneThatIsRefusedWithoutMetadataFailedLikeAnyOther) {
  committer_.add_lane(1, 0);
  committer_.update(1, 5);
  send_next();
  EXPECT_FALSE(committer_.metadata_too_large(clock_.now()));
  EXPECT_EQ(committer_.failures(), 1U);
  EXPECT_TRUE(committer_.next(clock_.now()).empty()) << "it waits";
}

TEST_F(CommitterTest, ALaneThatLeftIsNeitherCommittedNorConfirmed) {
  committer_.add_lane(1, 0);
  committer_.add_lane(2, 0);
  committer_.update(1, 5);
  committer_.update(2, 6);
  send_next();
  committer_.remove_lane(1);
  EXPECT_EQ(committer_.confirmed(), (Items{{2, 6}}));
  committer_.update(1, 9);
  EXPECT_TRUE(committer_.next_at_once().empty());
  EXPECT_EQ(committer_.committed(1), std::nullopt);
  EXPECT_EQ(committer_.committed(2), 6);
}

// Against a broker that takes anything: whatever the order of updates, results and lanes that
// leave, what it holds never goes back.
TEST_F(CommitterTest, WhatTheBrokerHoldsNeverGoesBack) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SeededRandom random(seed);
    Committer committer;
    std::map<LaneId, std::int64_t> broker;
    Items outstanding;
    committer.add_lane(1, std::nullopt);
    committer.add_lane(2, std::nullopt);
    for (int step = 0; step < 500; ++step) {
      const double dice = random.next_unit();
      if (dice < 0.5) {
        committer.update(1 + (step & 1), static_cast<std::int64_t>(random.next_unit() * 1000));
      } else if (dice < 0.55) {
        committer.note_ahead(1 + (step & 1));
        if ((step & 2) != 0) committer.hurry();
      } else if (!committer.outstanding()) {
        outstanding = dice < 0.6   ? committer.next_restating(clock_.now())
                      : dice < 0.7 ? committer.next_at_once()
                                   : committer.next(clock_.now());
        if (!outstanding.empty()) committer.sent(outstanding, clock_.now());
      } else if (dice < 0.8) {
        committer.failed(clock_.now());
      } else {
        for (const auto& item : outstanding) {
          ASSERT_GE(item.offset, broker[item.lane]);
          broker[item.lane] = item.offset;
        }
        committer.confirmed();
      }
      clock_.advance(std::chrono::milliseconds(step % 50));
    }
  }
}

}  // namespace
}  // namespace sluice::commit
