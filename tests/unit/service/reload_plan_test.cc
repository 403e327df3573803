#include "service/reload_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

config::Pipeline pipeline(const std::string& name, const std::string& target) {
  config::Pipeline made;
  made.name = name;
  made.topics = {name};
  made.target = target;
  made.dead_letter = config::DeadLetter{name + ".dlq"};
  return made;
}

// Targets a and b; pipelines a1, a2 and b1.
Setup setup() {
  Setup made;
  for (const char* name : {"a", "b"}) {
    made.config.targets[name].name = name;
    made.config.targets[name].auth = {config::BearerAuth{config::Secret("old")}};
  }
  made.config.pipelines = {pipeline("a1", "a"), pipeline("a2", "a"), pipeline("b1", "b")};
  made.memory.prefetch = {16, 16, 16};
  made.memory.dead_letter_queue = 32;
  return made;
}

using Given = Setup;  // whose name a test has for something else

class ReloadPlanTest : public testing::Test {
 protected:
  ReloadPlan plan() const { return plan_reload(now_, next_); }
  config::Target& a() { return next_.config.targets.at("a"); }

  Given now_ = setup();
  Given next_ = setup();
};

TEST_F(ReloadPlanTest, TheSameIsNothing) { EXPECT_TRUE(plan().nothing()); }

TEST_F(ReloadPlanTest, FromNothingAllIsNew) {
  now_ = {};
  EXPECT_THAT(plan().targets_anew, ElementsAre("a", "b"));
  EXPECT_THAT(plan().pipelines_anew,
              ElementsAre(Pair("a1", "new"), Pair("a2", "new"), Pair("b1", "new")));
}

TEST_F(ReloadPlanTest, OnePipelineChangesAloneWithItsKeys) {
  next_.config.pipelines[1].batch.max_records = 7;
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Pair("a2", "its keys changed")));
  EXPECT_THAT(plan().targets_anew, IsEmpty());
}

TEST_F(ReloadPlanTest, APipelineMayComeAndGo) {
  next_.config.pipelines[0] = pipeline("a0", "a");
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Pair("a0", "new")));
  EXPECT_THAT(plan().pipelines_gone, ElementsAre("a1"));
}

TEST_F(ReloadPlanTest, ATargetTakesItsPipelinesAlong) {
  a().timeout = std::chrono::seconds(7);
  EXPECT_THAT(plan().targets_anew, ElementsAre("a"));
  EXPECT_THAT(plan().pipelines_anew,
              ElementsAre(Pair("a1", "its target changed"), Pair("a2", "its target changed")));
}

TEST_F(ReloadPlanTest, CredentialsAreExchangedUnderWay) {
  a().auth = {config::BearerAuth{config::Secret("new")}};
  next_.config.targets.at("b").overlap = std::chrono::minutes(1);
  EXPECT_THAT(plan().credentials, ElementsAre("a", "b"));
  EXPECT_THAT(plan().pipelines_anew, IsEmpty());
}

TEST_F(ReloadPlanTest, TlsIsExchangedUnderWayAlsoWhenOnlyAFileDiffers) {
  for (Given* each : {&now_, &next_}) {
    each->config.targets.at("b").tls.cert = "/cert";
    each->files["/cert"] = each == &now_ ? 1 : 2;
  }
  a().tls.ca = "/ca";
  next_.files["/ca"] = 3;
  EXPECT_THAT(plan().connections, ElementsAre("a", "b"));
  EXPECT_THAT(plan().pipelines_anew, IsEmpty());
}

TEST_F(ReloadPlanTest, HealthIsNobodysBusiness) {
  a().health = config::Health{"/health", true};
  EXPECT_TRUE(plan().nothing());
}

TEST_F(ReloadPlanTest, AnotherSchemaFileIsAnotherPipeline) {
  for (Given* each : {&now_, &next_}) {
    each->config.pipelines[2].schema = "/schema";
    each->files["/schema"] = each == &now_ ? 1 : 2;
  }
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Pair("b1", "its schema changed")));
}

TEST_F(ReloadPlanTest, WhatAllHaveInCommonChangesAll) {
  next_.config.kafka.brokers = {"other:9092"};
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Key("a1"), Key("a2"), Key("b1")));
  next_ = setup();
  for (Given* each : {&now_, &next_}) {
    each->config.kafka.tls.cert = "/cert";
    each->files["/cert"] = each == &now_ ? 1 : 2;
  }
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Key("a1"), Key("a2"), Key("b1")));
  now_ = next_ = setup();
  next_.config.instance_id = "node-1";
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Key("a1"), Key("a2"), Key("b1")));
}

TEST_F(ReloadPlanTest, AConsumerIsMadeForItsPrefetch) {
  next_.memory.prefetch = {16, 8, 16};
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Pair("a2", "memory is divided anew")));
}

TEST_F(ReloadPlanTest, AnotherShareOfMemoryAloneChangesNone) {
  next_.memory.worker_share = {1, 2, 3};
  EXPECT_TRUE(plan().nothing());
}

TEST_F(ReloadPlanTest, PatternsMustKnowTheDeadLetterTopics) {
  for (Given* each : {&now_, &next_}) each->config.pipelines[0].patterns = {"^events"};
  next_.config.pipelines.push_back(pipeline("b2", "b"));
  next_.memory.prefetch.push_back(16);
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Key("a1"), Key("b2")));
}

TEST_F(ReloadPlanTest, ALargerDeadLetterTakesAnotherWriter) {
  next_.config.pipelines[2].dead_letter->max_bytes *= 2;
  next_.config.pipelines[0].dead_letter.reset();
  now_.config.pipelines[0].dead_letter.reset();
  EXPECT_THAT(plan().pipelines_anew, ElementsAre(Pair("a2", "the writer of dead letters changed"),
                                                 Pair("b1", "its keys changed")));
}

TEST_F(ReloadPlanTest, ABudgetOfBytesIsSizedByItsPipelines) {
  config::RateLimit limit;
  limit.unit = config::RateUnit::bytes;
  limit.limit = 1;
  for (Given* each : {&now_, &next_}) each->config.targets.at("a").rate_limit = {limit};
  next_.config.pipelines.push_back(pipeline("a3", "a"));
  next_.memory.prefetch.push_back(16);
  EXPECT_THAT(plan().targets_anew, IsEmpty());
  next_.config.pipelines.back().max_record_bytes *= 64;
  EXPECT_THAT(plan().targets_anew, ElementsAre("a"));
}

class ReloadPlanTenantsTest : public ReloadPlanTest {
 protected:
  ReloadPlanTenantsTest() {
    for (Given* each : {&now_, &next_}) each->config.targets.at("a").tenants = tenants();
  }
  static config::Tenants tenants() {
    config::Tenants made;
    made.by = {"/account"};
    made.of["acme"].auth = {config::BearerAuth{config::Secret("old")}};
    return made;
  }
};

TEST_F(ReloadPlanTenantsTest, MayComeAndGoAndChangeTheirCredentials) {
  a().tenants->of["bolt"].auth = {config::BearerAuth{config::Secret("bolt")}};
  EXPECT_THAT(plan().credentials, ElementsAre("a"));
  a().tenants = tenants();
  a().tenants->of["acme"].auth = {config::BearerAuth{config::Secret("new")}};
  EXPECT_THAT(plan().credentials, ElementsAre("a"));
  EXPECT_THAT(plan().targets_anew, IsEmpty());
  EXPECT_THAT(plan().pipelines_anew, IsEmpty());
}

TEST_F(ReloadPlanTenantsTest, BeginAnewWhereTheyAreFoundInAnotherWay) {
  a().tenants->by = {"key"};
  EXPECT_THAT(plan().targets_anew, ElementsAre("a"));
  a().tenants = tenants();
  a().tenants->unknown = config::UnknownTenant::dead_letter;
  EXPECT_THAT(plan().targets_anew, ElementsAre("a"));
  a().tenants.reset();
  EXPECT_THAT(plan().targets_anew, ElementsAre("a"));
}

}  // namespace
}  // namespace sluice::service
