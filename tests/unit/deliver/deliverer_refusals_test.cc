// Promise 5: one bad record costs one record. What follows from 4xx that are about the body.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class DelivererRefusals : public DelivererHarness {
 protected:
  // An API that takes bodies up to so many bytes.
  static std::function<Result(const std::string&)> up_to(std::size_t bytes) {
    return [=](const std::string& body) { return answer(body.size() > bytes ? 413 : 200); };
  }
  void read_results_at(const std::string& pointer) {
    config::Results results;
    results.pointer = pointer;
    results.index = "/index";
    VerdictRules::Options options;
    options.results = results;
    rules_ = VerdictRules(options);
  }
};

TEST_F(DelivererRefusals, ABatchIsBisectedAndOnlyTheBadRecordsGo) {
  start(1, 1000, 500);
  run(failing_for({1003, 1250, 1251, 1499}, 400));
  EXPECT_EQ(sink_.refusals[1], (std::vector<std::int64_t>{1003, 1250, 1251, 1499}));
  EXPECT_EQ(sink_.offsets[1].size(), 496U);
  EXPECT_TRUE(std::is_sorted(sink_.offsets[1].begin(), sink_.offsets[1].end()));
  EXPECT_LE(http_.bodies.size(), 1U + 4U * (9 + 2));
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_EQ(admission_.taken, 496U);
  EXPECT_EQ(admission_.refused, 4U);
}

TEST_F(DelivererRefusals, EachPieceHasABatchIdOfItsOwn) {
  start(1, 100, 4);
  const std::string whole = sent_id();
  reply(answer(400));
  const std::string piece = sent_id();
  EXPECT_NE(piece, whole);
  reply(answer(500));
  wait();
  EXPECT_EQ(sent_id(), piece) << "and keeps it";
}

TEST_F(DelivererRefusals, AnAnswerThatNamesTheRecordSavesTheSearch) {
  read_results_at("/errors");
  start(1, 100, 64);
  reply(answer(400, R"({"errors":[{"index":40}]})"));
  reply(answer(200, R"({"errors":[]})"));
  reply(answer(400));
  reply(answer(200, R"({"errors":[]})"));
  EXPECT_EQ(http_.bodies.size(), 4U);
  EXPECT_EQ(http_.bodies[2], "[140]") << "and is dead-lettered only once it was refused alone";
  EXPECT_EQ(sink_.refusals[1], numbers(140, 140));
  EXPECT_EQ(sink_.offsets[1].size(), 63U);
}

TEST_F(DelivererRefusals, TellWhatHappenedAndWhen) {
  const WallTime first = clock_.wall_now();
  start(1, 100, 1);
  reply(answer(500));
  wait();
  const WallTime last = clock_.wall_now();
  const std::string id = sent_id();
  reply(answer(422, R"({"error":"no such currency: XYZ"})", {{"x-request-id", "req-7"}}));
  ASSERT_EQ(sink_.causes.size(), 1U);
  const auto& cause = sink_.causes[0];
  EXPECT_EQ(cause.reason, DeadLetterReason::rejected);
  EXPECT_EQ(cause.verdict, Verdict::rejected);
  EXPECT_EQ(cause.status, 422);
  EXPECT_EQ(cause.attempts, 2U);
  EXPECT_EQ(cause.batch_id, id);
  EXPECT_EQ(cause.request_id, "req-7");
  EXPECT_EQ(cause.first_attempt, first);
  EXPECT_EQ(cause.last_attempt, last);
  EXPECT_EQ(cause.response_excerpt, R"({"error":"no suc)") << "bounded";
  EXPECT_NE(cause.detail.find("422"), std::string::npos);
}

TEST_F(DelivererRefusals, AnswersAreLeftOutWhereNoneAreWanted) {
  options_.response_excerpt = 0;
  start(1, 100, 1);
  reply(answer(400, "why"));
  EXPECT_EQ(sink_.causes.at(0).response_excerpt, "");
}

TEST_F(DelivererRefusals, AttemptsAreThoseThatCarriedTheRecord) {
  start(1, 100, 4);
  run(failing_for({103}, 400));
  const auto carried =
      std::count_if(http_.bodies.begin(), http_.bodies.end(),
                    [](const auto& body) { return body.find("103") != std::string::npos; });
  EXPECT_EQ(sink_.causes.at(0).attempts, carried);
  EXPECT_LT(static_cast<std::size_t>(carried), http_.bodies.size());
}

TEST_F(DelivererRefusals, BodiesThatAreTooLargeAreHalvedUntilTheyAreNot) {
  start(1, 1000, 64);
  run(up_to(100));
  EXPECT_EQ(sink_.offsets[1], numbers(1000, 1063));
  EXPECT_TRUE(sink_.refusals.empty());
  // 321 bytes, 160, 80: two refusals, then parts of at most 80 bytes to the end.
  EXPECT_EQ(http_.bodies.size(), 2U + 5U);
}

TEST_F(DelivererRefusals, TheSizeIsRememberedForLaterBatches) {
  start(1, 1000, 64);
  run(up_to(100));
  const std::size_t before = http_.bodies.size();
  start(2, 2000, 64);
  run(up_to(100));
  EXPECT_EQ(http_.bodies.size(), before + 5);
}

TEST_F(DelivererRefusals, AfterAnHourTwiceAsMuchIsTried) {
  start(1, 1000, 64);
  run(up_to(100));
  clock_.advance(minutes(59));
  start(1, 2000, 64);
  EXPECT_LE(http_.bodies.back().size(), 80U);
  run(up_to(100));
  clock_.advance(minutes(2));
  start(1, 3000, 64);
  EXPECT_GT(http_.bodies.back().size(), 150U);
  EXPECT_LE(http_.bodies.back().size(), 160U);
}

TEST_F(DelivererRefusals, OneRecordThatIsTooLargeDoesNotMakeTheRestSmall) {
  start(1, 1000, 512);
  run(failing_for({1100}, 413));
  EXPECT_EQ(sink_.refusals[1], numbers(1100, 1100));
  EXPECT_EQ(sink_.offsets[1].size(), 511U);
  EXPECT_LE(http_.bodies.size(), 40U);
  start(1, 2000, 512);
  EXPECT_EQ(http_.bodies.back().size(), 1U + 5U * 512U) << "nor later batches";
}

TEST_F(DelivererRefusals, ARecordTooLargeAloneIsRefusedAsSuch) {
  start(1, 100, 1);
  reply(answer(413));
  ASSERT_EQ(sink_.causes.size(), 1U);
  EXPECT_EQ(sink_.causes[0].reason, DeadLetterReason::too_large);
  EXPECT_EQ(sink_.causes[0].verdict, Verdict::split);
  EXPECT_EQ(sink_.batches, 1);
  EXPECT_EQ(admission_.refused, 1U);
}

TEST_F(DelivererRefusals, FiveHundredBadRecordsTakeAboutOneRequestEach) {
  start(1, 1000, 500);
  run([](const std::string&) { return answer(400); });
  EXPECT_EQ(sink_.refusals[1], numbers(1000, 1499));
  EXPECT_LE(http_.bodies.size(), 600U);
  EXPECT_EQ(admission_.refused, 500U);
}

}  // namespace
}  // namespace sluice::deliver
