#include "deliver/deliverer.h"

#include <gtest/gtest.h>

#include <set>

#include "support/fake_clock.h"
#include "support/records.h"
#include "support/test_log.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Holds what was sent until the test answers it.
class FakeHttp final : public http::Sender {
 public:
  http::RequestId send(http::Request request) override {
    sent.emplace_back(++last_, std::move(request));
    bodies.emplace_back(sent.back().second.body);
    return last_;
  }
  void cancel(http::RequestId id) override {
    std::erase_if(sent, [&](const auto& entry) { return entry.first == id; });
    ++cancelled;
  }

  std::vector<std::pair<http::RequestId, http::Request>> sent;  // not yet answered
  std::vector<std::string> bodies;                              // all there ever were
  int cancelled = 0;

 private:
  http::RequestId last_ = 0;
};

class RecordingSink final : public DeliverySink {
 public:
  void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) override {
    for (std::size_t i = records.first; i < records.last; ++i) {
      offsets[lane].push_back(batch.entry(i).offset);
    }
  }
  void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
               codec::DeadLetterCause cause) override {
    refusals.emplace_back(lane, batch.entry(record).offset);
    causes.push_back(std::move(cause));
  }
  void finished(LaneId, std::unique_ptr<batch::Batch>) override { ++batches; }

  std::map<LaneId, std::vector<std::int64_t>> offsets;
  std::vector<std::pair<LaneId, std::int64_t>> refusals;
  std::vector<codec::DeadLetterCause> causes;
  int batches = 0;
};

class DelivererTest : public testing::Test {
 protected:
  // A batch whose records are their own offsets: [100,101,...].
  std::unique_ptr<batch::Batch> make_batch(std::int64_t first, int records) {
    auto batch = std::make_unique<batch::Batch>(codec::BodyFormat::json_array, meter_);
    for (int i = 0; i < records; ++i) {
      test::TestRecord record{first + i, std::to_string(first + i), {}, {}, -1};
      batch->body().append(*record.value);
      batch->keep(record.view(), static_cast<Ticket>(i));
    }
    return batch;
  }

  void start(LaneId lane, std::int64_t first, int records) {
    deliverer_.start(lane, {"topic", static_cast<std::int32_t>(lane)}, make_batch(first, records));
    deliverer_.advance(clock_.now());
  }

  http::Answer answer(int status, std::string body = {}, std::vector<http::Header> headers = {}) {
    http::Answer made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
  }

  // Answers the oldest request, then lets the deliverer go on.
  void reply(tl::expected<http::Answer, http::TransportError> result) {
    ASSERT_FALSE(http_.sent.empty()) << "nothing was sent";
    const auto id = http_.sent.front().first;
    http_.sent.erase(http_.sent.begin());
    deliverer_.on_completion({id, std::move(result), std::chrono::milliseconds(3)});
    deliverer_.advance(clock_.now());
  }

  // An API that refuses every body that names a bad record.
  void reply_all_refusing(const std::set<std::int64_t>& bad, int status = 400) {
    for (int i = 0; i < 10'000 && !http_.sent.empty(); ++i) {
      const std::string body(http_.sent.front().second.body);
      bool refuse = false;
      for (const auto offset : bad) refuse |= body.find(std::to_string(offset)) != body.npos;
      reply(answer(refuse ? status : 200, refuse ? R"({"error":"Bad Request"})" : ""));
    }
  }

  test::FakeClock clock_;
  SeededRandom random_{1};
  batch::MemoryMeter meter_;
  telemetry::Metrics metrics_{"test"};
  test::TestLog log_;
  FakeHttp http_;
  std::unique_ptr<auth::Signer> signer_ = *auth::make_signer(config::NoAuth{});
  VerdictRules rules_{{{200, 299}}, std::nullopt};
  config::CircuitBreaker breaker_;
  Gate::Limits limits_{breaker_, {seconds(1), minutes(1), 2}};
  Gate target_{Gate::Scope::target, "api", limits_, 1, clock_.now(), log_};
  Gate path_{Gate::Scope::path, "deposits", limits_, 2, clock_.now(), log_};
  RecordingSink sink_;
  DelivererOptions options_{"deposits",
                            "POST",
                            "http://api",
                            {"/path", {}},
                            {},
                            "application/json",
                            "Idempotency-Key",
                            {std::chrono::milliseconds(200), seconds(30), 2},
                            16,
                            8,
                            std::nullopt};
  DelivererParts parts() {
    return {http_,   *signer_, rules_,
            target_, path_,    clock_,
            random_, meter_,   metrics_.pipeline("deposits", "api"),
            log_};
  }
  Deliverer deliverer_{options_, parts(), sink_};
};

TEST_F(DelivererTest, DeliversABatchAndGivesItBack) {
  start(1, 100, 3);
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.bodies.back(), "[100,101,102]");
  EXPECT_EQ(http_.sent.front().second.url, "http://api/path");
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], (std::vector<std::int64_t>{100, 101, 102}));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_TRUE(deliverer_.idle(1));
}

TEST_F(DelivererTest, RetriesTheSameBytesWithTheSameIdAfterItsBackoff) {
  start(1, 100, 2);
  const auto id = http_.sent.front().second.headers;
  reply(answer(500));
  EXPECT_TRUE(http_.sent.empty());
  ASSERT_TRUE(deliverer_.deadline().has_value());
  clock_.advance(*deliverer_.deadline() - clock_.now());
  deliverer_.advance(clock_.now());
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.bodies[0], http_.bodies[1]);
  for (std::size_t i = 0; i < id.size(); ++i) {
    EXPECT_EQ(http_.sent.front().second.headers[i].value, id[i].value);
  }
  reply(answer(200));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererTest, NothingIsSpentWhileTheBreakerIsOpenAndOneProbeResumes) {
  for (LaneId lane = 1; lane <= 5; ++lane) start(lane, 100, 1);
  for (int i = 0; i < 5; ++i) reply(answer(503));
  EXPECT_EQ(http_.bodies.size(), 5U);
  clock_.advance(seconds(50));
  deliverer_.advance(clock_.now());
  EXPECT_EQ(http_.bodies.size(), 5U);
  ASSERT_TRUE(deliverer_.held_back().has_value());
  EXPECT_EQ(deliverer_.held_back()->reason, StallReason::breaker_open);
  clock_.advance(seconds(20));
  deliverer_.advance(clock_.now());
  ASSERT_EQ(http_.sent.size(), 1U) << "one probe";
  reply(answer(200));
  EXPECT_EQ(http_.sent.size(), 4U) << "all others follow";
}

TEST_F(DelivererTest, ProbesRotateOverLanes) {
  for (LaneId lane = 1; lane <= 5; ++lane) start(lane, 100 * static_cast<int>(lane), 1);
  for (int i = 0; i < 5; ++i) reply(answer(500));
  clock_.advance(seconds(70));
  deliverer_.advance(clock_.now());
  std::set<std::string> probed;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(http_.sent.size(), 1U);
    probed.insert(http_.bodies.back());
    reply(answer(500));
  }
  EXPECT_EQ(probed.size(), 3U);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(DelivererTest, RefusedBatchesAreBisectedAndOnlyTheBadRecordsGo) {
  start(1, 1000, 500);
  reply_all_refusing({1003, 1250, 1251, 1499});
  EXPECT_EQ(sink_.refusals, (std::vector<std::pair<LaneId, std::int64_t>>{
                                {1, 1003}, {1, 1250}, {1, 1251}, {1, 1499}}));
  EXPECT_EQ(sink_.offsets[1].size(), 496U);
  EXPECT_TRUE(std::is_sorted(sink_.offsets[1].begin(), sink_.offsets[1].end()));
  EXPECT_LE(http_.bodies.size(), 1U + 4U * (9 + 2));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_EQ(sink_.causes[0].status, 400);
  EXPECT_EQ(sink_.causes[0].response_excerpt, R"({"error":"Bad Re)") << "bounded";
  EXPECT_GT(sink_.causes[0].attempts, 1U);
  EXPECT_FALSE(sink_.causes[0].batch_id.empty());
}

TEST_F(DelivererTest, TooLargeBodiesAreHalvedAndTheSizeIsRemembered) {
  start(1, 1000, 64);
  for (int i = 0; i < 1000 && !http_.sent.empty(); ++i) {
    const bool large = http_.sent.front().second.body.size() > 100;
    reply(answer(large ? 413 : 200));
  }
  EXPECT_EQ(sink_.offsets[1].size(), 64U);
  EXPECT_TRUE(sink_.refusals.empty());
  // 321 bytes, 160, 80: two refusals, then parts of at most 80 bytes to the end.
  EXPECT_EQ(http_.bodies.size(), 2U + 5U);
}

TEST_F(DelivererTest, OneRecordThatIsTooLargeDoesNotMakeTheRestSmall) {
  start(1, 1000, 512);
  for (int i = 0; i < 1000 && !http_.sent.empty(); ++i) {
    const bool bad = http_.sent.front().second.body.find("1100") != std::string_view::npos;
    reply(answer(bad ? 413 : 200));
  }
  EXPECT_EQ(sink_.offsets[1].size(), 511U);
  EXPECT_LE(http_.bodies.size(), 40U);
}

TEST_F(DelivererTest, ARecordTooLargeAloneIsRefusedAsSuch) {
  start(1, 100, 1);
  reply(answer(413));
  ASSERT_EQ(sink_.causes.size(), 1U);
  EXPECT_EQ(sink_.causes[0].reason, DeadLetterReason::too_large);
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererTest, UnauthorizedParksAndNothingIsRefused) {
  start(1, 100, 3);
  start(2, 200, 3);
  reply(answer(401));
  reply(answer(401));
  clock_.advance(seconds(55));
  deliverer_.advance(clock_.now());
  EXPECT_EQ(http_.bodies.size(), 2U);
  EXPECT_EQ(deliverer_.held_back()->reason, StallReason::unauthorized);
  clock_.advance(seconds(15));
  deliverer_.advance(clock_.now());
  reply(answer(200));
  reply(answer(200));
  EXPECT_EQ(sink_.batches, 2);
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererTest, MisconfiguredClosesThePathAndNotTheTarget) {
  start(1, 100, 1);
  reply(answer(404));
  EXPECT_EQ(deliverer_.held_back()->reason, StallReason::misconfigured);
  EXPECT_TRUE(target_.ask(clock_.now()).has_value());
}

TEST_F(DelivererTest, ThrottledWaitsAsLongAsItIsTold) {
  start(1, 100, 1);
  reply(answer(429, "", {{"retry-after", "5"}}));
  EXPECT_EQ(deliverer_.deadline(), clock_.now() + seconds(5));
  EXPECT_EQ(deliverer_.held_back()->reason, StallReason::throttled);
  clock_.advance(seconds(5));
  deliverer_.advance(clock_.now());
  reply(answer(200));
  EXPECT_EQ(sink_.batches, 1);
}

TEST_F(DelivererTest, BeingToldToComeBackAtOnceMakesNoLoop) {
  start(1, 100, 1);
  reply(answer(429, "", {{"retry-after", "0"}}));
  EXPECT_TRUE(http_.sent.empty());
  EXPECT_GT(*deliverer_.deadline(), clock_.now());
}

TEST_F(DelivererTest, ThrottlingNeverOpensTheBreakerAndItsOwnWaitsGrow) {
  start(1, 100, 1);
  for (int i = 0; i < 20; ++i) {
    reply(answer(429));
    clock_.advance(minutes(1));
    deliverer_.advance(clock_.now());
    ASSERT_EQ(http_.sent.size(), 1U);
  }
  EXPECT_EQ(log_.count(telemetry::Event::breaker_opened), 0U);
}

TEST_F(DelivererTest, ADrainingLaneSendsNothingMoreButTakesItsAnswer) {
  start(1, 100, 4);
  deliverer_.drain(1);
  reply(answer(400));
  EXPECT_TRUE(http_.sent.empty()) << "no bisection any more";
  EXPECT_FALSE(deliverer_.in_flight(1));
  EXPECT_NE(deliverer_.cancel(1), nullptr);
  EXPECT_TRUE(deliverer_.idle(1));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererTest, WhatComesAfterACancelChangesNothing) {
  start(1, 100, 1);
  const auto id = http_.sent.front().first;
  EXPECT_NE(deliverer_.cancel(1), nullptr);
  EXPECT_EQ(http_.cancelled, 1);
  deliverer_.on_completion({id, answer(200), {}});
  EXPECT_TRUE(sink_.offsets.empty());
  EXPECT_EQ(sink_.batches, 0);
}

TEST_F(DelivererTest, AProbeThatTheOtherGateHoldsBackWakesNobody) {
  int woken = 0;
  start(1, 100, 1);
  reply(answer(404));
  clock_.advance(seconds(70));
  deliverer_.advance(clock_.now());
  reply(answer(429, "", {{"retry-after", "300"}}));
  path_.on_open([&] { ++woken; });
  target_.on_open([&] { ++woken; });
  for (int i = 0; i < 10; ++i) deliverer_.advance(clock_.now());
  EXPECT_EQ(woken, 0) << "each wake-up would be another turn of the same";
  EXPECT_EQ(deliverer_.held_back()->reason, StallReason::throttled);
}

TEST_F(DelivererTest, RequestsThatFindNoConnectionWaitInFrontOfTheGates) {
  for (LaneId lane = 1; lane <= 12; ++lane) start(lane, 100, 1);
  EXPECT_EQ(http_.sent.size(), 8U);
  reply(answer(429, "", {{"retry-after", "60"}}));
  EXPECT_EQ(http_.sent.size(), 7U) << "and are stopped by what the others are told";
}

TEST_F(DelivererTest, ACancelledProbeIsGivenToAnother) {
  for (LaneId lane = 1; lane <= 5; ++lane) start(lane, 100, 1);
  for (int i = 0; i < 5; ++i) reply(answer(500));
  clock_.advance(seconds(70));
  deliverer_.advance(clock_.now());
  ASSERT_EQ(http_.sent.size(), 1U);
  for (LaneId lane = 1; lane <= 5; ++lane) {
    if (!deliverer_.in_flight(lane)) continue;
    deliverer_.cancel(lane);
    break;
  }
  deliverer_.advance(clock_.now());
  EXPECT_EQ(http_.sent.size(), 1U);
}

}  // namespace
}  // namespace sluice::deliver
