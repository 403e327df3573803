// Another configuration for a Sluice that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr seconds kSoon(30);
constexpr const char* kToken = "a-token-of-an-admin";

class Reload : public testing::Test {
 protected:
  std::string topic(const std::string& name) {
    std::string made = std::string("reload-") +
                       testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name;
    broker_.create_topic(made, 1);
    return made;
  }
  FlowConfig config() const {
    FlowConfig made(broker_);
    made.admin_token(kToken);
    return made;
  }
  std::string reload(SluiceProcess& sluice, const std::string& yaml, int status = 200) {
    sluice.admin_port();  // it has read the one before
    sluice.write_config(yaml);
    int got = 0;
    std::string said = sluice.post("/-/reload", kToken, &got);
    EXPECT_EQ(got, status) << said;
    return said;
  }
  static std::size_t events_of(const SluiceProcess& sluice, const std::string& event,
                               const std::string& pipeline) {
    const auto lines = sluice.events(event);
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
          return line.find("\"pipeline\":\"" + pipeline + "\"") != std::string::npos;
        }));
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
};

TEST_F(Reload, WhatIsTheSameGoesOnUntouched) {
  const std::string same = topic("same");
  const std::string other = topic("other");
  const std::string added = topic("added");
  RecordingApi api;
  SluiceProcess sluice(
      config().target("api", api.url()).pipeline("same", same).pipeline("other", other).yaml());
  Load load_same(broker_, same, 1, 300);
  Load load_other(broker_, other, 1, 300);
  Load load_added(broker_, added, 1, 300);
  ASSERT_TRUE(api.wait_for_distinct(300, kSoon)) << sluice.log();

  const std::string next = config()
                               .target("api", api.url())
                               .pipeline("same", same)
                               .pipeline("other", other, "batch: {max_records: 7}")
                               .pipeline("added", added)
                               .yaml();
  const std::string said = reload(sluice, next);
  EXPECT_THAT(said, HasSubstr("added starts anew: new"));
  EXPECT_THAT(said, HasSubstr("other starts anew: its keys changed"));
  EXPECT_THAT(said, Not(HasSubstr("same")));
  EXPECT_THAT(reload(sluice, next), HasSubstr("nothing to change"));
  ASSERT_TRUE(wait_for_state(sluice, "added", "flowing", kSoon)) << sluice.status();
  for (Load* load : {&load_same, &load_other, &load_added}) load->stop();
  for (const std::string& each : {same, other, added}) {
    ASSERT_TRUE(wait_for_commits(broker_, each, kSoon)) << sluice.log();
  }

  EXPECT_EQ(events_of(sluice, "partitions_assigned", "same"), 1U);
  EXPECT_EQ(events_of(sluice, "partitions_assigned", "other"), 2U);
  EXPECT_THAT(api.disorder(), IsEmpty());
  EXPECT_EQ(repeats(api), 0U);
  for (const std::string& each : {same, other, added}) {
    const auto accounts = reconcile(broker_, each, {&api});
    EXPECT_THAT(accounts.lost, IsEmpty());
    EXPECT_EQ(accounts.uncommitted, 0U);
  }
}

TEST_F(Reload, OfASignalToo) {
  const std::string first = topic("first");
  const std::string second = topic("second");
  RecordingApi api;
  SluiceProcess sluice(config().target("api", api.url()).pipeline("first", first).yaml());
  produce_numbered(broker_, second, 1, 10);
  ASSERT_TRUE(sluice.wait_for_event("pipeline_started", kSoon));
  sluice.write_config(config().target("api", api.url()).pipeline("second", second).yaml());
  sluice.signal(SIGHUP);
  EXPECT_TRUE(wait_for_commits(broker_, second, kSoon)) << sluice.log();
  EXPECT_THAT(sluice.status(), Not(HasSubstr("\"first\"")));
  sluice.signal(SIGTERM);
  const auto end = sluice.wait(kSoon);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, 0);
}

TEST_F(Reload, ABadFileChangesNothingAndSaysWhy) {
  const std::string name = topic("t");
  RecordingApi api;
  const std::string good = config().target("api", api.url()).pipeline("p", name).yaml();
  SluiceProcess sluice(good);
  produce_numbered(broker_, name, 1, 10);
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();

  EXPECT_THAT(reload(sluice, good + "  q: {topics: [x], grup: g}\n", 400),
              HasSubstr("pipelines.q.grup: unknown key"));
  EXPECT_THAT(reload(sluice, "{", 400), HasSubstr("nothing was changed"));
  const std::string with_bad_certificate =
      config()
          .target("api", "https://127.0.0.1:1", "tls: {ca: /no/such/file}")
          .pipeline("p", name)
          .yaml();
  EXPECT_THAT(reload(sluice, with_bad_certificate, 400), HasSubstr("/no/such/file"));
  const std::string with_taken_port =
      "admin: {listen: '127.0.0.1:" + std::to_string(api.server().port()) + "', token: " + kToken +
      "}\n" + good.substr(0, good.find("admin:")) + good.substr(good.find("log:"));
  EXPECT_THAT(reload(sluice, with_taken_port, 400), HasSubstr("address in use"));

  produce_numbered(broker_, name, 1, 10, 10);
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(events_of(sluice, "partitions_assigned", "p"), 1U);
  EXPECT_EQ(reconcile(broker_, name, {&api}), Accounts{});
  EXPECT_THAT(sluice.events("configuration_refused"), SizeIs(testing::Ge(4U)));
}

TEST_F(Reload, AnotherAddressOfTheTarget) {
  const std::string name = topic("t");
  RecordingApi before;
  RecordingApi after;
  SluiceProcess sluice(config().target("api", before.url()).pipeline("p", name).yaml());
  Load load(broker_, name, 1, 300);
  ASSERT_TRUE(before.wait_for_distinct(100, kSoon)) << sluice.log();
  EXPECT_THAT(reload(sluice, config().target("api", after.url()).pipeline("p", name).yaml()),
              HasSubstr("its target changed"));
  const std::size_t taken = before.distinct();
  ASSERT_TRUE(after.wait_for_distinct(100, kSoon)) << sluice.log();
  load.stop();
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(reconcile(broker_, name, {&before, &after}), Accounts{});
  EXPECT_EQ(before.distinct(), taken);
}

TEST_F(Reload, AnotherTokenOfTheAdminPortAndAnotherPort) {
  const std::string name = topic("t");
  RecordingApi api;
  FlowConfig next(broker_);
  next.admin_token("another-token-of-an-admin").target("api", api.url()).pipeline("p", name);
  SluiceProcess sluice(config().target("api", api.url()).pipeline("p", name).yaml());
  reload(sluice, next.yaml());
  int status = 0;
  sluice.post("/-/reload", kToken, &status);
  EXPECT_EQ(status, 401);
  sluice.post("/-/reload", "another-token-of-an-admin", &status);
  EXPECT_EQ(status, 200);
}

TEST_F(Reload, OfSecretsInTheFileIsARotation) {
  const std::string name = topic("t");
  RecordingApi api([](const SeenRequest& request, const auto&) {
    const std::string* const sent = request.header("authorization");
    return Reply{.status = sent != nullptr && *sent != "Bearer wrong" ? 200 : 401};
  });
  const auto with = [&](const std::string& token) {
    return config()
        .target("api", api.url(), "auth: {type: bearer, token: " + token + "}")
        .pipeline("p", name)
        .yaml();
  };
  SluiceProcess sluice(with("old"));
  Load load(broker_, name, 1, 300);
  ASSERT_TRUE(api.wait_for_distinct(100, kSoon)) << sluice.log();
  EXPECT_THAT(reload(sluice, with("wrong")), HasSubstr("credentials to try: api"));
  ASSERT_TRUE(sluice.wait_for_event("credential_refused", kSoon)) << sluice.log();
  reload(sluice, with("new"));
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon)) << sluice.log();
  load.stop();
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(reconcile(broker_, name, {&api}), Accounts{});
  EXPECT_EQ(events_of(sluice, "partitions_assigned", "p"), 1U);
  EXPECT_THAT(sluice.events("request_failed"), SizeIs(1));
}

}  // namespace
}  // namespace sluice::test
