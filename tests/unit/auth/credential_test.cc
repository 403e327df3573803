#include "auth/credential.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/fake_clock.h"

namespace sluice::auth {
namespace {

using Move = Credential::Move;

constexpr Duration kOverlap = std::chrono::minutes(10);

class NamedSigner final : public Signer {
 public:
  explicit NamedSigner(std::string name) : name_(std::move(name)) {}
  void sign(const Outgoing&, Signed& out) const override { out.headers.push_back({"key", name_}); }

 private:
  std::string name_;
};

std::shared_ptr<const Signer> named(const std::string& name) {
  return std::make_shared<NamedSigner>(name);
}

std::string name_of(const Credential::Lease& lease) {
  Signed out;
  lease.signer->sign({}, out);
  return out.headers.front().value;
}

class CredentialTest : public testing::Test {
 protected:
  Instant now() const { return clock_.now(); }
  Credential::Lease lease() { return credential_.lease(now()); }
  // Both for a request that is sent and answered at once.
  Credential::Consequence accept() { return credential_.accepted(lease().version, now()); }
  Credential::Consequence refuse() { return credential_.refused(lease().version, now()); }
  void offer(const std::string& name) { credential_.offer(named(name), now()); }

  test::FakeClock clock_;
  Credential credential_{named("old"), Duration::zero(), clock_.now()};
};

TEST_F(CredentialTest, OneRequestTriesWhatIsOfferedWhileOthersGoOn) {
  offer("new");
  const auto trial = lease();
  EXPECT_EQ(name_of(trial), "new");
  EXPECT_EQ(name_of(lease()), "old");
  EXPECT_EQ(credential_.accepted(trial.version, now()).move, Move::changed);
  EXPECT_EQ(name_of(lease()), "new");
  EXPECT_FALSE(credential_.on_trial());
}

TEST_F(CredentialTest, ARefusedTrialCostsOneRequestAndChangesNothing) {
  offer("new");
  const auto consequence = refuse();
  EXPECT_TRUE(consequence.send_again);
  EXPECT_EQ(consequence.move, Move::refused);
  EXPECT_TRUE(credential_.newest_refused());
  EXPECT_EQ(name_of(lease()), "old");
}

TEST_F(CredentialTest, ARefusedValueIsTriedAgainEverLater) {
  offer("new");
  for (const int seconds : {10, 20, 40, 80, 160, 300, 300}) {
    EXPECT_EQ(refuse().move, Move::refused);
    clock_.advance(std::chrono::seconds(seconds) - std::chrono::milliseconds(1));
    EXPECT_EQ(name_of(lease()), "old");
    clock_.advance(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, ATrialThatSaysNothingIsMadeByTheNextRequest) {
  offer("new");
  credential_.unanswered(lease().version);
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, TheValueInUseIsRefusedWithNothingElseThere) {
  EXPECT_FALSE(refuse().send_again);
  EXPECT_EQ(name_of(lease()), "old");
}

TEST_F(CredentialTest, WhenTheValueInUseIsRefusedAllTakeWhatWasOffered) {
  offer("new");
  const auto trial = lease();
  EXPECT_TRUE(refuse().send_again);
  EXPECT_EQ(name_of(lease()), "new");
  EXPECT_EQ(name_of(lease()), "new");
  EXPECT_EQ(credential_.accepted(trial.version, now()).move, Move::changed);
}

TEST_F(CredentialTest, WithBothRefusedNobodySendsAgain) {
  offer("new");
  const auto trial = lease();
  EXPECT_TRUE(refuse().send_again);  // the one in use
  EXPECT_FALSE(credential_.refused(trial.version, now()).send_again);
  EXPECT_FALSE(refuse().send_again);  // a probe, with the one in use again
  clock_.advance(std::chrono::seconds(10));
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, AnAnswerForAnEarlierValueSendsAgainAndMovesNothing) {
  const auto early = lease();
  offer("new");
  accept();
  const auto consequence = credential_.refused(early.version, now());
  EXPECT_TRUE(consequence.send_again);
  EXPECT_EQ(consequence.move, Move::none);
  credential_.accepted(early.version, now());
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, WithoutOverlapThereIsNoWayBack) {
  offer("new");
  accept();
  EXPECT_FALSE(refuse().send_again);
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, WithinTheOverlapRequestsGoBack) {
  credential_ = Credential(named("old"), kOverlap, now());
  offer("new");
  accept();
  clock_.advance(kOverlap - std::chrono::seconds(1));
  const auto consequence = refuse();
  EXPECT_TRUE(consequence.send_again);
  EXPECT_EQ(consequence.move, Move::rolled_back);
  EXPECT_EQ(name_of(lease()), "old");
  EXPECT_TRUE(credential_.newest_refused());
  clock_.advance(std::chrono::seconds(10));
  EXPECT_EQ(name_of(lease()), "new");
  EXPECT_EQ(accept().move, Move::none);  // the other lease is the trial
}

TEST_F(CredentialTest, WhatMayBeAboutTheRecordCountsOnTrialOnly) {
  credential_ = Credential(named("old"), kOverlap, now());
  offer("new");
  EXPECT_TRUE(credential_.forbidden(lease().version, now()).send_again);
  EXPECT_EQ(name_of(lease()), "old");
  clock_.advance(std::chrono::seconds(10));
  accept();
  const auto consequence = credential_.forbidden(lease().version, now());
  EXPECT_FALSE(consequence.send_again);
  EXPECT_EQ(consequence.move, Move::none);
  EXPECT_EQ(name_of(lease()), "new");
}

TEST_F(CredentialTest, TheValueBeforeGoesWhenTheOverlapIsOver) {
  auto old = named("old");
  const std::weak_ptr<const Signer> watched = old;
  credential_ = Credential(std::move(old), kOverlap, now());
  offer("new");
  accept();
  EXPECT_FALSE(watched.expired());
  clock_.advance(kOverlap);
  EXPECT_EQ(name_of(lease()), "new");
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(refuse().send_again);
}

TEST_F(CredentialTest, ARefusedValueIsNoWayBack) {
  credential_ = Credential(named("old"), kOverlap, now());
  refuse();
  offer("new");
  accept();
  EXPECT_FALSE(refuse().send_again);
}

TEST_F(CredentialTest, ALaterOfferTakesThePlaceOfTheOneBefore) {
  offer("bad");
  const auto trial = lease();
  offer("good");
  EXPECT_EQ(credential_.refused(trial.version, now()).move, Move::none);
  EXPECT_EQ(name_of(lease()), "good");
  EXPECT_FALSE(credential_.newest_refused());
}

TEST_F(CredentialTest, WhatIsWithdrawnIsNotTried) {
  offer("new");
  const auto trial = lease();
  credential_.withdraw();
  EXPECT_EQ(name_of(lease()), "old");
  EXPECT_EQ(credential_.accepted(trial.version, now()).move, Move::none);
  EXPECT_EQ(name_of(lease()), "old");
}

TEST_F(CredentialTest, AProvedValueIsInUseAtOnce) {
  clock_.advance(std::chrono::seconds(5));
  const auto early = lease();
  credential_.replace(named("token"), nullptr, now());
  EXPECT_EQ(name_of(lease()), "token");
  EXPECT_EQ(credential_.in_use_since(), now());
  EXPECT_TRUE(credential_.refused(early.version, now()).send_again);
  EXPECT_FALSE(refuse().send_again);
}

TEST_F(CredentialTest, AProvedValueTakesWhatIsOfferedAlong) {
  offer("old token, new key");
  EXPECT_EQ(refuse().move, Move::refused);
  credential_.replace(named("new token, old key"), named("new token, new key"), now());
  EXPECT_EQ(name_of(lease()), "new token, old key") << "the refusal is not forgotten";
  EXPECT_GT(credential_.offered_version(), credential_.version());
  clock_.advance(std::chrono::seconds(10));
  EXPECT_EQ(name_of(lease()), "new token, new key");
  credential_.replace(named("other"), nullptr, now());
  EXPECT_FALSE(credential_.on_trial());
}

TEST_F(CredentialTest, LateAnswersOfAValueThatWasRolledBackSayNothingNew) {
  credential_ = Credential(named("old"), kOverlap, now());
  offer("new");
  accept();
  const auto first = lease();
  const auto second = lease();
  EXPECT_EQ(credential_.refused(first.version, now()).move, Move::rolled_back);
  const auto late = credential_.refused(second.version, now());
  EXPECT_TRUE(late.send_again);
  EXPECT_EQ(late.move, Move::none);
  clock_.advance(std::chrono::seconds(10));
  EXPECT_EQ(name_of(lease()), "new") << "ten seconds, not twenty";
}

}  // namespace
}  // namespace sluice::auth
