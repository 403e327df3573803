// Answers that say what became of each record.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

class DelivererResults : public DelivererHarness {
 protected:
  DelivererResults() { judge_by_index(); }

  // {index, status} of those that are not delivered.
  static http::Answer partly(const std::vector<std::pair<int, int>>& results) {
    std::string items;
    for (const auto& [index, status] : results) {
      if (!items.empty()) items += ",";
      items += R"({"index":)" + std::to_string(index) + R"(,"status":)" + std::to_string(status);
      items += "}";
    }
    return answer(200, R"({"results":[)" + items + "]}");
  }
};

TEST_F(DelivererResults, OnlyTheFailedGoOn) {
  start(1, 100, 5);
  const std::string id = sent_id();
  reply(partly({{1, 422}, {3, 503}}));
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 102, 104}));
  EXPECT_EQ(sink_.refusals[1], numbers(101, 101));
  EXPECT_EQ(admission_.taken, 3U);
  EXPECT_EQ(admission_.refused, 1U);
  EXPECT_EQ(admission_.answers.back().verdict, Verdict::delivered);
  EXPECT_TRUE(http_.sent.empty()) << "not at once";
  wait();
  EXPECT_EQ(http_.bodies.back(), "[103]");
  EXPECT_NE(sent_id(), id) << "other content";
  reply(partly({}));
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 102, 104, 103}));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererResults, TheRefusedAreDeadLetteredWithTheirOwnStatus) {
  start(1, 100, 2);
  reply(partly({{0, 422}, {1, 413}}));
  ASSERT_EQ(sink_.causes.size(), 2U);
  EXPECT_EQ(sink_.causes[0].reason, DeadLetterReason::rejected);
  EXPECT_EQ(sink_.causes[0].verdict, Verdict::rejected);
  EXPECT_EQ(sink_.causes[0].status, 422);
  EXPECT_EQ(sink_.causes[0].attempts, 1U);
  EXPECT_NE(sink_.causes[0].detail.find("422"), std::string::npos);
  EXPECT_FALSE(sink_.causes[0].response_excerpt.empty());
  EXPECT_EQ(sink_.causes[1].status, 413);
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_EQ(http_.bodies.size(), 1U);
}

TEST_F(DelivererResults, TheRestOfACutBatchGoesOnBehindThem) {
  admission_.most = {3, SIZE_MAX};
  start(1, 100, 6);
  reply(partly({{1, 503}}));
  wait();
  EXPECT_EQ(http_.bodies.back(), "[101,103,104]");
  reply(partly({}));
  EXPECT_EQ(http_.bodies.back(), "[105]");
  reply(partly({}));
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 102, 101, 103, 104, 105}));
}

TEST_F(DelivererResults, TheRestOfACutBatchGoesOnWhereAllFailedForGood) {
  admission_.most = {2, SIZE_MAX};
  start(1, 100, 4);
  reply(partly({{0, 400}, {1, 400}}));
  EXPECT_EQ(http_.bodies.back(), "[102,103]");
  reply(partly({}));
  EXPECT_EQ(sink_.refusals[1], numbers(100, 101));
  EXPECT_EQ(sink_.offsets[1], numbers(102, 103));
}

TEST_F(DelivererResults, WaitsForTheSameRecordsGrow) {
  options_.attempts = 1000;
  start(1, 100, 100);
  Duration longest{};
  for (int left = 99; left > 60; --left) {
    std::vector<std::pair<int, int>> all_but_one;
    for (int i = 0; i < left; ++i) all_but_one.emplace_back(i, 503);
    reply(partly(all_but_one));
    longest = std::max(longest, *deliverer().deadline() - clock_.now());
    wait();
  }
  EXPECT_GT(longest, std::chrono::seconds(10));
}

TEST_F(DelivererResults, ARecordThatFailsBesideItsNeighboursUsesUpItsAttempts) {
  options_.attempts = 3;
  admission_.most = {2, SIZE_MAX};
  start(1, 100, 6);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(sink_.refusals.size(), 0U);
    reply(partly({{0, 503}}));
    if (i < 2) wait();
  }
  EXPECT_EQ(sink_.refusals[1], numbers(100, 100));
  EXPECT_EQ(sink_.offsets[1], numbers(101, 103));
  const auto& cause = sink_.causes.at(0);
  EXPECT_EQ(cause.reason, DeadLetterReason::exhausted);
  EXPECT_EQ(cause.verdict, Verdict::retry);
  EXPECT_EQ(cause.status, 503);
  EXPECT_EQ(cause.attempts, 3U);
  EXPECT_EQ(admission_.refused, 0U);
}

TEST_F(DelivererResults, ExhaustedOnesAreDroppedWhereThatIsThePolicy) {
  options_.attempts = 1;
  options_.on_exhausted = config::OnExhausted::drop;
  start(1, 100, 3);
  reply(partly({{1, 503}}));
  EXPECT_EQ(sink_.drops[1], numbers(101, 101));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererResults, ExhaustedOnesGoOnWhereTheyAreToPark) {
  options_.attempts = 1;
  options_.on_exhausted = config::OnExhausted::park;
  admission_.most = {2, SIZE_MAX};
  start(1, 100, 12);
  for (int i = 0; i < 10; ++i) {
    reply(partly({{0, 503}}));
    wait();
  }
  EXPECT_TRUE(sink_.refusals.empty());
  EXPECT_EQ(http_.bodies.back(), "[100,111]");
}

TEST_F(DelivererResults, WhereEveryRecordFailedTheRequestDid) {
  start(1, 100, 2);
  const std::string id = sent_id();
  reply(partly({{0, 503}, {1, 503}}));
  EXPECT_EQ(admission_.answers.back().verdict, Verdict::retry);
  EXPECT_EQ(admission_.answers.back().blame, Blame::target);
  EXPECT_EQ(admission_.taken, 0U);
  wait();
  EXPECT_EQ(sent_id(), id);
}

TEST_F(DelivererResults, WhereEveryRecordWasTooManyTheRequestWas) {
  start(1, 100, 2);
  reply(partly({{0, 429}, {1, 503}}));
  EXPECT_TRUE(sink_.offsets.empty());
  EXPECT_NE(admission_.answers.back().verdict, Verdict::delivered);
}

TEST_F(DelivererResults, AnAnswerThatCannotBeReadDeliversNothing) {
  start(1, 100, 2);
  reply(answer(200, "OK"));
  EXPECT_TRUE(sink_.offsets.empty());
  EXPECT_EQ(admission_.answers.back().verdict, Verdict::misconfigured);
}

TEST_F(DelivererResults, WhatIsLeftKeepsWhatItNeedsToBeFinished) {
  auto batch = make_batch(100, 3);
  batch->strand = 5;
  batch->sent_as = 9;
  batch->route.path = "/users/7";
  start(1, std::move(batch));
  reply(partly({{1, 503}}));
  wait();
  EXPECT_EQ(http_.sent.front().second.url, "http://api/users/7");
  reply(partly({}));
  EXPECT_EQ(sink_.last_strand, 5U);
  EXPECT_EQ(sink_.last_sent_as, 9U);
}

}  // namespace
}  // namespace sluice::deliver
