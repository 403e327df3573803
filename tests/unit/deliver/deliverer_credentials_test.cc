// Credentials that change under the requests of a worker.
#include <string>
#include <utility>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using telemetry::Event;

class KeySigner final : public auth::Signer {
 public:
  explicit KeySigner(std::string key) : key_(std::move(key)) {}
  void sign(const auth::Outgoing&, auth::Signed& out) const override {
    out.headers.push_back({"X-Key", key_});
  }

 private:
  std::string key_;
};

LiveCredential::SharedSigner key(const std::string& text) {
  return std::make_shared<KeySigner>(text);
}

class DelivererCredentialsTest : public DelivererHarness {
 protected:
  DelivererCredentialsTest() { sign_with(key("old")); }

  std::string key_of_sent() const { return sent_header("X-Key"); }
  // Of the requests that count.
  std::vector<Verdict> verdicts() const {
    std::vector<Verdict> all;
    for (const auto& answered : admission_.answers) all.push_back(answered.verdict);
    return all;
  }
};

TEST_F(DelivererCredentialsTest, ARefusedNewValueCostsOneRequestAndBlamesNobody) {
  start(1, 100, 3);
  reply(answer(200));
  credential_->offer(key("wrong"));
  start(1, 103, 2);
  EXPECT_EQ(key_of_sent(), "wrong");
  const std::string id = sent_id();
  reply(answer(401));
  EXPECT_EQ(key_of_sent(), "old");
  EXPECT_EQ(sent_id(), id) << "the same batch";
  reply(answer(200));
  EXPECT_EQ(sink_.offsets[1], numbers(100, 104));
  EXPECT_EQ(verdicts(), (std::vector{Verdict::delivered, Verdict::delivered}));
  EXPECT_EQ(log_.count(Event::credential_refused), 1U);
  EXPECT_EQ(log_.count(Event::request_failed), 1U) << "it is seen all the same";
}

TEST_F(DelivererCredentialsTest, AnAcceptedNewValueIsForAll) {
  credential_->offer(key("new"));
  start(1, 100, 1);
  start(2, 200, 1);
  EXPECT_EQ(key_of_sent(), "new");
  reply(answer(200));
  EXPECT_EQ(key_of_sent(), "old") << "it had gone out before";
  reply(answer(200));
  start(1, 101, 1);
  EXPECT_EQ(key_of_sent(), "new");
  reply(answer(200));
  EXPECT_EQ(log_.count(Event::credential_changed), 1U);
  EXPECT_EQ(log_.count(Event::request_failed), 0U);
}

TEST_F(DelivererCredentialsTest, ATrialThatFailsForOtherReasonsIsMadeAgain) {
  credential_->offer(key("new"));
  start(1, 100, 1);
  reply(answer(503));
  pass(std::chrono::minutes(1));
  EXPECT_EQ(key_of_sent(), "new");
  reply(answer(200));
  EXPECT_EQ(log_.count(Event::credential_changed), 1U);
}

TEST_F(DelivererCredentialsTest, ACancelledTrialIsMadeByTheNext) {
  credential_->offer(key("new"));
  start(1, 100, 1);
  deliverer().cancel(1);
  http_.sent.clear();
  start(2, 200, 1);
  EXPECT_EQ(key_of_sent(), "new");
}

TEST_F(DelivererCredentialsTest, WithNothingElseTheTargetIsToBlame) {
  start(1, 100, 1);
  reply(answer(401));
  EXPECT_EQ(verdicts(), (std::vector{Verdict::unauthorized}));
}

TEST_F(DelivererCredentialsTest, WhatIsFetchedAnewIsWaitedFor) {
  int asked = 0;
  credential_->set_hooks({[&](auth::Credential::Version) { return ++asked == 1; }, {}});
  start(1, 100, 1);
  reply(answer(401));
  EXPECT_EQ(verdicts(), std::vector<Verdict>{});
  reply(answer(401));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(verdicts(), (std::vector{Verdict::unauthorized})) << "a second refusal is one";
  pass(std::chrono::minutes(1));
  reply(answer(403));
  EXPECT_EQ(asked, 2) << "another token may no more than this one";
}

TEST_F(DelivererCredentialsTest, WithinTheOverlapTheValueBeforeIsAWayBack) {
  sign_with(key("old"), std::chrono::minutes(5));
  credential_->offer(key("new"));
  start(1, 100, 1);
  reply(answer(200));
  start(1, 101, 1);
  EXPECT_EQ(key_of_sent(), "new");
  reply(answer(401));
  EXPECT_EQ(key_of_sent(), "old");
  reply(answer(200));
  EXPECT_EQ(log_.count(Event::credential_rolled_back), 1U);
  EXPECT_EQ(sink_.offsets[1], numbers(100, 101));
}

}  // namespace
}  // namespace sluice::deliver
