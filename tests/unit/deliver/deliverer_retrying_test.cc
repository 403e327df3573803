// What an operator sees of a batch or record that failed and is tried again.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

class DelivererRetrying : public DelivererHarness {
 protected:
  // Somebody else's requests are delivered between the attempts at the batch of lane 1.
  void reply_beside_neighbours(std::int64_t bad) {
    deliver_neighbour();
    reply(failing_for({bad}, 500)(std::string(http_.sent.front().second.body)));
    if (http_.sent.empty() && deliverer().deadline()) wait();
  }
};

TEST_F(DelivererRetrying, SaysNothingOfABatchThatHasNotFailed) {
  start(1, 100, 3);
  EXPECT_FALSE(deliverer().retrying(1));
  reply(answer(200));
  EXPECT_FALSE(deliverer().retrying(1));
}

TEST_F(DelivererRetrying, NamesABatchFromItsFirstFailureUntilItGoes) {
  start(1, 100, 3);
  reply(answer(503));
  const auto first = deliverer().retrying(1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_offset, 100);
  EXPECT_EQ(first->last_offset, 102);
  EXPECT_EQ(first->requests, 1U);
  EXPECT_FALSE(first->under_way);
  EXPECT_EQ(first->next_try, deliverer().deadline());
  EXPECT_NE(first->trouble.find("503"), std::string::npos);
  EXPECT_FALSE(deliverer().retrying(2)) << "the others flow";

  wait();
  ASSERT_TRUE(deliverer().retrying(1));
  EXPECT_TRUE(deliverer().retrying(1)->under_way);
  reply(no_answer());
  EXPECT_EQ(deliverer().retrying(1)->requests, 2U);
  EXPECT_NE(deliverer().retrying(1)->trouble.find("timeout"), std::string::npos);

  wait();
  reply(answer(200));
  EXPECT_FALSE(deliverer().retrying(1));
  start(1, 103, 3);
  EXPECT_FALSE(deliverer().retrying(1)) << "the next one has not failed";
}

TEST_F(DelivererRetrying, NamesTheRecordThatFailsAloneAndItsAttemptsUntilItIsGivenUp) {
  options_.attempts = 4;
  start(1, 100, 8);
  std::set<std::uint32_t> used;
  for (int i = 0; i < 100 && sink_.refusals.empty(); ++i) {
    reply_beside_neighbours(104);
    const auto retrying = deliverer().retrying(1);
    if (!sink_.refusals.empty()) break;
    ASSERT_TRUE(retrying) << "while it is searched for, too";
    if (retrying->first_offset != 104 || !retrying->alone()) continue;
    EXPECT_EQ(retrying->attempts, 4U);
    EXPECT_NE(retrying->trouble.find("500"), std::string::npos);
    used.insert(retrying->attempts_used);
  }
  EXPECT_EQ(sink_.refusals[1], numbers(104, 104));
  EXPECT_EQ(used, (std::set<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_FALSE(deliverer().retrying(1)) << "what is left of the batch has not failed";
}

TEST_F(DelivererRetrying, LeavesASuspectToItsOwnReason) {
  options_.on_exhausted = config::OnExhausted::park;
  options_.attempts = 2;
  start(1, 100, 1);
  for (int i = 0; i < 10 && !deliverer().suspect(1); ++i) reply_beside_neighbours(100);
  ASSERT_TRUE(deliverer().suspect(1));
  EXPECT_FALSE(deliverer().retrying(1));
}

TEST_F(DelivererRetrying, NamesWhatIsLeftOfABatchThatWasTakenInPart) {
  judge_by_index();
  start(1, 100, 3);
  reply(answer(200, R"({"results": [{"index": 1, "status": 503}]})"));
  const auto retrying = deliverer().retrying(1);
  ASSERT_TRUE(retrying);
  EXPECT_EQ(retrying->first_offset, 101);
  EXPECT_TRUE(retrying->alone());
  EXPECT_EQ(retrying->attempts_used, 1U);
  EXPECT_NE(retrying->trouble.find("503"), std::string::npos) << retrying->trouble;
  wait();
  reply(answer(200, R"({"results": [{"index": 0, "status": 200}]})"));
  EXPECT_FALSE(deliverer().retrying(1));
}

class DelivererRetries : public DelivererRetrying {
 protected:
  double retries() const {
    const std::string text = metrics_.serialize();
    const std::string name = "sluice_request_retries_total{pipeline=\"deposits\",target=\"api\"} ";
    const std::size_t at = text.find('\n' + name);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + 1 + name.size()));
  }
};

TEST_F(DelivererRetries, AreRequestsWithRecordsThatWentBefore) {
  start(1, 100, 4);
  EXPECT_EQ(retries(), 0);
  reply(answer(429));  // spends no attempt, and is a request all the same
  EXPECT_EQ(retries(), 1);
  reply(answer(503));
  wait();
  EXPECT_EQ(retries(), 2);
  reply(answer(200));
  start(1, 104, 4);
  EXPECT_EQ(retries(), 2) << "another batch";
}

TEST_F(DelivererRetries, CountPiecesOfARefusedBatch) {
  start(1, 100, 4);
  reply(answer(400));
  EXPECT_EQ(retries(), 1) << "the first half goes again";
  run(failing_for({103}, 400));
  EXPECT_EQ(sink_.refusals[1], numbers(103, 103));
  EXPECT_GE(retries(), 2);
}

TEST_F(DelivererRetries, DoNotCountWhatASmallRequestLeftBehind) {
  admission_.next_is_small = true;
  start(1, 100, 4);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1].size(), 1U);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1].size(), 4U);
  EXPECT_EQ(retries(), 0);
}

TEST_F(DelivererRetries, CountWhatIsLeftOfARequestThatWasTakenInPart) {
  judge_by_index();
  admission_.most = {2, SIZE_MAX};
  start(1, 100, 4);
  reply(answer(200, R"({"results": [{"index": 1, "status": 503}]})"));
  EXPECT_EQ(retries(), 0);
  wait();
  EXPECT_EQ(retries(), 1) << "101 again, with 102, which goes for the first time";
  reply(answer(200, R"({"results": []})"));
  EXPECT_EQ(retries(), 1);
  reply(answer(200, R"({"results": []})"));
  EXPECT_EQ(sink_.offsets[1].size(), 4U);
}

TEST_F(DelivererRetrying, SaysHowLongTheOldestRecordWithoutAnOutcomeHasWaited) {
  using std::chrono::seconds;
  const auto age = [&](LaneId lane) {
    return deliverer().oldest_age(lane, clock_.now(), WallTime(seconds(1'790'000'100)));
  };
  EXPECT_EQ(age(1), std::nullopt);
  start(1, make_batch(100, 2, {1'790'000'000'000, 1'790'000'090'000}));
  EXPECT_EQ(age(1), seconds(100));
  EXPECT_EQ(age(2), std::nullopt);
  reply(answer(400));
  reply(answer(200));  // 100
  EXPECT_EQ(age(1), seconds(10)) << "of what is left";
  reply(answer(400));
  EXPECT_EQ(age(1), std::nullopt);
}

}  // namespace
}  // namespace sluice::deliver
