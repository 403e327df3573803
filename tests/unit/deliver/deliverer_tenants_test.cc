// Tenants: what is said of one's credentials stays with its own records.
#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using telemetry::Event;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LiveCredential::SharedSigner token(const std::string& text) {
  return std::move(*auth::make_signer(config::BearerAuth{config::Secret(text)}));
}

class DelivererTenantsTest : public DelivererHarness {
 protected:
  DelivererTenantsTest() { begin(config::UnknownTenant::park); }

  void begin(config::UnknownTenant unknown) {
    config::Tenants rules;
    rules.by = {"/account"};
    rules.unknown = unknown;
    credentials_.emplace("api", rules, Credentials::Tenants{});
    credentials_->set({{"acme", acme_}, {"bolt", bolt_}});
  }
  std::shared_ptr<Tenant> tenant(const std::string& name) {
    return std::make_shared<Tenant>(
        LiveCredential::Name{"api", name}, token(name), Duration{}, config::CircuitBreaker{}, 1,
        metrics_.credential("api", name),
        Tenant::Around{clock_, log_, [this] { credentials_->moved(); }});
  }
  void start(LaneId lane, const std::string& of, std::int64_t first, int records) {
    auto batch = make_batch(first, records);
    batch->route = {"/path", {}, {of}};
    DelivererHarness::start(lane, std::move(batch));
  }
  std::string signed_by() const { return sent_header("authorization"); }

  std::shared_ptr<Tenant> acme_ = tenant("acme");
  std::shared_ptr<Tenant> bolt_ = tenant("bolt");
};

TEST_F(DelivererTenantsTest, EachIsSignedForByItsOwn) {
  start(1, "acme", 100, 1);
  start(1, "bolt", 200, 1);
  EXPECT_EQ(signed_by(), "Bearer acme");
  reply(answer(200));
  EXPECT_EQ(signed_by(), "Bearer bolt");
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(100, 200));
}

TEST_F(DelivererTenantsTest, ARefusedOneStandsAloneAndBlamesNobody) {
  start(1, "acme", 100, 2);
  start(1, "bolt", 200, 2);
  reply(answer(401));
  reply(answer(200));
  start(1, "bolt", 202, 1);
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(200, 201, 202));
  EXPECT_THAT(http_.sent, IsEmpty()) << "it waits for its probe";
  EXPECT_EQ(sink_.standing[1], 1);
  EXPECT_EQ(admission_.cancellations, 1);
  for (const auto& answered : admission_.answers) EXPECT_EQ(answered.verdict, Verdict::delivered);
  const auto standing = deliverer().standing(1);
  ASSERT_TRUE(standing.has_value());
  EXPECT_THAT(standing->words, HasSubstr("tenant acme: status 401"));
  ASSERT_TRUE(standing->next_try.has_value());
  EXPECT_GE(*standing->next_try - clock_.now(), seconds(59));
  EXPECT_EQ(log_.count(Event::breaker_opened), 1U);
}

TEST_F(DelivererTenantsTest, ARefusedOneIsProbedMoreAndMoreRarely) {
  start(1, "acme", 100, 2);
  reply(answer(401));
  pass(seconds(70));
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.sent.front().second.body, "[100]") << "the first probe is small";
  EXPECT_EQ(sink_.standing[1], 1) << "until the answer";
  for (int probe = 0; probe < 3; ++probe) {
    reply(answer(401));
    pass(seconds(5));
  }
  EXPECT_THAT(http_.sent, IsEmpty());
  pass(seconds(70));
  EXPECT_THAT(http_.sent, IsEmpty()) << "open for twice as long now";
  pass(seconds(70));
  ASSERT_EQ(http_.sent.size(), 1U);
  reply(answer(200));
  EXPECT_EQ(sink_.standing[1], 0);
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(100, 101));
  EXPECT_EQ(log_.count(Event::breaker_closed), 1U);
}

TEST_F(DelivererTenantsTest, WhatStandsCountsOnlyWhileItMayHaveBeenTaken) {
  start(1, "acme", 100, 2);
  reply(answer(401));
  EXPECT_FALSE(sink_.standing_sent);
  pass(seconds(70));
  EXPECT_TRUE(sink_.standing_sent) << "as a probe";
  reply(answer(401));
  reply(answer(401));
  reply(answer(401));
  EXPECT_FALSE(sink_.standing_sent);
}

TEST_F(DelivererTenantsTest, WhatStoodWaitsForTheBoundOnRepeats) {
  start(1, "acme", 100, 1);
  reply(answer(401));
  sink_.goes_on = false;
  pass(seconds(70));
  EXPECT_THAT(http_.sent, IsEmpty());
  sink_.goes_on = true;
  pass(seconds(1));
  EXPECT_EQ(http_.sent.size(), 1U);
}

TEST_F(DelivererTenantsTest, OfWhatStoodTheBoundIsAskedAboutWhatIsLeft) {
  admission_.next_is_small = true;
  start(1, "acme", 100, 2);
  reply(answer(200));
  reply(answer(401));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(100));
  sink_.goes_on = false;
  pass(seconds(70));
  EXPECT_THAT(http_.sent, IsEmpty());
  EXPECT_EQ(sink_.asked_about, 101);
}

TEST_F(DelivererTenantsTest, AnotherValueLetsItGoAtOnce) {
  start(1, "acme", 100, 1);
  reply(answer(401));
  acme_->credential().offer(token("another"));
  deliverer().advance(clock_.now());
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(signed_by(), "Bearer another");
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(100));
  EXPECT_EQ(sink_.standing[1], 0);
}

TEST_F(DelivererTenantsTest, AnUnknownOneStandsUntilItIsAdded) {
  start(1, "cup", 100, 1);
  start(1, "bolt", 200, 1);
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(200));
  ASSERT_TRUE(deliverer().standing(1).has_value());
  EXPECT_EQ(deliverer().standing(1)->words,
            "tenant cup is not in targets.api.tenants; add it and reload, or set unknown: "
            "dead_letter");
  EXPECT_FALSE(deliverer().standing(1)->next_try.has_value());
  pass(minutes(60));
  EXPECT_THAT(http_.sent, IsEmpty());
  credentials_->set({{"acme", acme_}, {"bolt", bolt_}, {"cup", tenant("cup")}});
  deliverer().advance(clock_.now());
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(signed_by(), "Bearer cup");
  EXPECT_EQ(sink_.standing[1], 0);
  reply(answer(200));
}

TEST_F(DelivererTenantsTest, AnUnknownOneIsRefusedWhereThatIsThePolicy) {
  begin(config::UnknownTenant::dead_letter);
  start(1, "cu\np", 100, 2);
  EXPECT_THAT(http_.bodies, IsEmpty());
  EXPECT_THAT(sink_.refusals[1], ElementsAre(100, 101));
  EXPECT_EQ(sink_.causes.front().reason, DeadLetterReason::unroutable);
  EXPECT_EQ(sink_.causes.front().detail, "tenant cu\\x0ap is not in targets.api.tenants");
  EXPECT_EQ(sink_.batches, 1);
  start(1, "", 102, 1);
  EXPECT_THAT(sink_.causes.back().detail, HasSubstr("has no tenant"));
}

TEST_F(DelivererTenantsTest, OneThatIsTakenAwayIsUnknownFromTheNextRequestOn) {
  start(1, "acme", 100, 1);
  credentials_->set({{"bolt", bolt_}});
  reply(answer(503));
  pass(minutes(1));
  EXPECT_THAT(http_.sent, IsEmpty());
  ASSERT_TRUE(deliverer().standing(1).has_value());
  EXPECT_THAT(deliverer().standing(1)->words, HasSubstr("tenant acme is not in"));
}

TEST_F(DelivererTenantsTest, DeliveriesOfOthersMakeNoRecordBad) {
  start(1, "acme", 100, 1);
  reply(answer(403));
  for (int i = 0; i < 10; ++i) {
    start(2, "bolt", 200 + i, 1);
    reply(answer(200));
    pass(minutes(15));
    if (!http_.sent.empty()) reply(answer(403));
  }
  EXPECT_THAT(sink_.refusals[1], IsEmpty());
}

TEST_F(DelivererTenantsTest, DeliveriesOfItsOwnMakeTheRecordBad) {
  start(1, "acme", 100, 1);
  reply(answer(403));
  start(2, "acme", 200, 1);
  EXPECT_THAT(http_.sent, IsEmpty());
  pass(seconds(70));  // the probe goes to the lane that has not had its turn
  for (int i = 0; i < 3 && sink_.refusals[1].empty(); ++i) {
    ASSERT_FALSE(http_.sent.empty());
    reply(answer(http_.sent.front().second.body == "[200]" ? 200 : 403));
    pass(minutes(15));
  }
  EXPECT_THAT(sink_.offsets[2], ElementsAre(200));
  EXPECT_THAT(sink_.refusals[1], ElementsAre(100));
}

TEST_F(DelivererTenantsTest, ACancelledProbeIsMadeByAnotherLane) {
  start(1, "acme", 100, 1);
  reply(answer(401));
  pass(seconds(70));
  ASSERT_EQ(http_.sent.size(), 1U);
  deliverer().cancel(1);
  start(2, "acme", 200, 1);
  EXPECT_EQ(http_.sent.size(), 1U);
}

TEST_F(DelivererTenantsTest, WhoWaitsForTheTargetKeepsNoPermit) {
  start(1, "acme", 100, 1);
  reply(answer(401));
  admission_.closed = Admission::Closed{clock_.now() + minutes(5), StallReason::breaker_open};
  pass(seconds(70));
  admission_.closed.reset();
  pass(minutes(5));
  ASSERT_EQ(http_.sent.size(), 1U);
  reply(answer(200));
  EXPECT_THAT(sink_.offsets[1], ElementsAre(100));
}

TEST_F(DelivererTenantsTest, APathThatIsForbiddenLeavesAnotherOpen) {
  const Instant now = clock_.now();
  const auto ask = [&](const std::string& pipeline) {
    return acme_->ask(pipeline, 1, clock_.now());
  };
  Judgement refused;
  refused.verdict = Verdict::unauthorized;
  acme_->answered("a", *ask("a"), refused, Blame::target, now, now);
  EXPECT_FALSE(ask("a").has_value());
  const auto permit = ask("b");
  ASSERT_TRUE(permit.has_value());
  acme_->cancelled("b", *permit);
  EXPECT_EQ(acme_->open_now("a"), 1U);
  EXPECT_EQ(acme_->open_now("a"), 0U);
  EXPECT_TRUE(ask("a").has_value());
}

TEST_F(DelivererTenantsTest, AResetIsOfAllPaths) {
  const Instant now = clock_.now();
  Judgement refused;
  refused.verdict = Verdict::unauthorized;
  for (const std::string pipeline : {"a", "b"}) {
    acme_->answered(pipeline, *acme_->ask(pipeline, 1, now), refused, Blame::target, now, now);
    EXPECT_FALSE(acme_->ask(pipeline, 1, now).has_value());
  }
  EXPECT_EQ(acme_->reset_breakers(), 2U);
  EXPECT_EQ(acme_->reset_breakers(), 0U);
  EXPECT_TRUE(acme_->ask("a", 1, now).has_value());
  EXPECT_TRUE(acme_->ask("b", 1, now).has_value());
}

}  // namespace
}  // namespace sluice::deliver
