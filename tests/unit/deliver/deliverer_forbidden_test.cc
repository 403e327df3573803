// 403 may be about the credential or about a record; 401 is about the credential.
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

class DelivererForbidden : public DelivererHarness {
 protected:
  std::ptrdiff_t times_sent(const std::string& body) const {
    return std::count(http_.bodies.begin(), http_.bodies.end(), body);
  }
  // Brings the batch [100,101,102,103] to where 102 is to be sent alone.
  void narrow_to_102() {
    start(1, 100, 4);
    reply(answer(403));
    deliver_neighbour();
    wait();
    for (int i = 0; i < 10 && http_.bodies.back() != "[102]"; ++i) {
      reply(failing_for({102}, 403)(http_.bodies.back()));
    }
    ASSERT_EQ(http_.sent.size(), 1U);
    ASSERT_EQ(http_.bodies.back(), "[102]");
  }
};

TEST_F(DelivererForbidden, TheFirstIsAboutTheTarget) {
  start(1, 100, 4);
  reply(answer(403));
  EXPECT_EQ(admission_.answers.back().verdict, Verdict::unauthorized);
  EXPECT_EQ(admission_.answers.back().blame, Blame::target);
  EXPECT_TRUE(http_.sent.empty());
  wait();
  EXPECT_EQ(http_.bodies[1], http_.bodies[0]);
}

TEST_F(DelivererForbidden, WhereNothingElseIsDeliveredItStaysAboutTheTarget) {
  start(1, 100, 4);
  for (int i = 0; i < 50; ++i) {
    reply(answer(403));
    EXPECT_EQ(admission_.answers.back().blame, Blame::target);
    wait();
  }
  EXPECT_EQ(times_sent(http_.bodies[0]), 51);
  EXPECT_TRUE(sink_.held_lanes.empty());
}

TEST_F(DelivererForbidden, WhereAnotherRequestIsDeliveredTheBatchIsSearched) {
  start(1, 100, 4);
  reply(answer(403));
  deliver_neighbour();
  wait();
  reply(answer(403));
  EXPECT_EQ(admission_.answers.back().blame, Blame::record);
  EXPECT_EQ(http_.bodies.back(), "[100,101]");
}

TEST_F(DelivererForbidden, ARecordIsDeadLetteredOnlyWithAProofOfItsOwn) {
  narrow_to_102();
  reply(answer(403));
  EXPECT_TRUE(sink_.refusals.empty()) << "nothing was delivered since it was sent alone";
  wait();
  reply(answer(403));
  EXPECT_TRUE(sink_.refusals.empty());
  deliver_neighbour();
  EXPECT_TRUE(sink_.refusals.empty()) << "asked again first";
  wait();
  EXPECT_EQ(http_.bodies.back(), "[102]");
  reply(answer(403, "for a reason"));
  EXPECT_EQ(sink_.refusals[1], numbers(102, 102));
  EXPECT_EQ(sink_.causes.at(0).reason, DeadLetterReason::rejected);
  EXPECT_EQ(sink_.causes.at(0).verdict, Verdict::unauthorized);
  EXPECT_EQ(sink_.causes.at(0).status, 403);
  EXPECT_EQ(sink_.causes.at(0).response_excerpt, "for a reason");
  EXPECT_EQ(admission_.refused, 1U);
  EXPECT_EQ(http_.bodies.back(), "[103]");
}

TEST_F(DelivererForbidden, ARecordThatIsForbiddenNoLongerIsDelivered) {
  narrow_to_102();
  reply(answer(403));
  deliver_neighbour();
  wait();
  reply(answer(200));
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 103));
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererForbidden, WhereNobodyTellsItParksAsSuspect) {
  narrow_to_102();
  run([](const std::string&) { return answer(403); }, 12);
  EXPECT_EQ(sink_.held_lanes, std::set<LaneId>{1});
  EXPECT_TRUE(sink_.refusals.empty());
}

TEST_F(DelivererForbidden, FailuresOfAnotherKindAreNoProof) {
  start(1, 100, 1);
  reply(answer(500));
  deliver_neighbour();
  wait();
  reply(answer(500));  // counts against the record
  wait();
  reply(answer(403));
  EXPECT_TRUE(sink_.refusals.empty()) << "nothing was delivered since";
}

TEST_F(DelivererForbidden, UnauthorizedIsNeverAboutARecord) {
  start(1, 100, 4);
  for (int i = 0; i < 20; ++i) {
    deliver_neighbour();
    reply(answer(401));
    EXPECT_EQ(admission_.answers.back().blame, Blame::target);
  }
  EXPECT_EQ(times_sent("[100,101,102,103]"), 21);
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 103));
}

}  // namespace
}  // namespace sluice::deliver
