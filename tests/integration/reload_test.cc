// Another configuration for a Sluice that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"
#include "support/free_port.h"

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
  EXPECT_EQ(sluice.metric(R"(sluice_config_reloads_total{result="refused"})"), 4);
  EXPECT_EQ(sluice.metric(R"(sluice_log_lines_total{level="error"})"),
            static_cast<double>(sluice.events("configuration_refused").size()));
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

TEST_F(Reload, AnotherPortIsOpenedByWhoAsksThroughTheOneBefore) {
  const std::string name = topic("t");
  RecordingApi api;
  const std::string yaml = config().target("api", api.url()).pipeline("p", name).yaml();
  SluiceProcess sluice(yaml);
  const std::uint16_t before = sluice.admin_port();
  std::string next = yaml;
  next.replace(next.find("127.0.0.1:0"), 11, "127.0.0.1:" + std::to_string(free_port()));
  const auto began = std::chrono::steady_clock::now();
  reload(sluice, next);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
  sluice.forget_admin_port();
  EXPECT_NE(sluice.admin_port(), before);
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon));
  EXPECT_THAT(reload(sluice, next), HasSubstr("nothing to change"));
}

TEST_F(Reload, SeesAFileThatChangesMeanwhile) {
  const std::string name = topic("t");
  const TempDir dir;
  const std::string file = (dir.path() / "token").string();
  std::ofstream(file) << "old";
  RecordingApi api;
  api.work_for(std::chrono::milliseconds(1500));
  const auto with = [&](const std::string& keys) {
    return config()
        .target("api", api.url(), "auth: {type: bearer, token: '${file:" + file + "}'}")
        .pipeline("p", name, keys)
        .yaml();
  };
  SluiceProcess sluice(with("batch: {max_records: 2}"));
  Load load(broker_, name, 1, 50);
  ASSERT_TRUE(api.wait_for_distinct(2, kSoon)) << sluice.log();
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // the answers are waited for
    std::ofstream(file) << "new";
  });
  reload(sluice, with("batch: {max_records: 500}"));
  writer.join();
  api.work_for(std::chrono::milliseconds(0));
  EXPECT_TRUE(sluice.wait_for_event("credential_changed", kSoon)) << sluice.log();
  load.stop();
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(reconcile(broker_, name, {&api}), Accounts{});
}

TEST_F(Reload, OfWhatIsParkedStartsItAnew) {
  const std::string name = topic("t");
  RecordingApi api(RecordingApi::always({.status = 500}));
  const auto with = [&](const std::string& keys) {
    return config()
        .target("api", api.url(), "circuit_breaker: {failures: 2}")
        .pipeline("p", name, keys)
        .yaml();
  };
  SluiceProcess sluice(with("retry: {initial: 10ms}"));
  produce_numbered(broker_, name, 1, 100);
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", kSoon)) << sluice.status();
  api.answer_with(RecordingApi::take_all());
  reload(sluice, with("retry: {initial: 20ms}"));
  api.answer_with(RecordingApi::take_all());
  sluice.post("/-/pipelines/p/retry", kToken);
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(reconcile(broker_, name, {&api}), Accounts{});
}

TEST_F(Reload, WhileItStopsChangesNothingAndHoldsUpNothing) {
  const std::string name = topic("t");
  RecordingApi api;
  const std::string yaml = config().target("api", api.url()).pipeline("p", name).yaml();
  SluiceProcess sluice(yaml);
  Load load(broker_, name, 1, 300);
  ASSERT_TRUE(api.wait_for_distinct(100, kSoon)) << sluice.log();
  api.work_for(std::chrono::milliseconds(500));
  for (const int number : {SIGHUP, SIGTERM, SIGHUP, SIGHUP}) {
    sluice.write_config(yaml + "  q" + std::to_string(number) + ": {}\n");
    sluice.signal(number);
  }
  const auto end = sluice.wait(kSoon);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, 0);
  EXPECT_THAT(sluice.events("service_stopped"), SizeIs(1));
  load.stop();
  const auto accounts = reconcile(broker_, name, {&api});
  EXPECT_THAT(accounts.lost, IsEmpty());
  EXPECT_THAT(accounts.repeated, IsEmpty());
}

std::size_t open_files_of(pid_t process) {
  const std::filesystem::path folder = "/proc/" + std::to_string(process) + "/fd";
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}
std::size_t threads_of(pid_t process) {
  const std::filesystem::path folder = "/proc/" + std::to_string(process) + "/task";
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST_F(Reload, AgainAndAgainLeavesNothingBehind) {
  const std::string name = topic("t");
  RecordingApi api;
  const auto with = [&](int records) {
    return config()
        .target("api", api.url(), "timeout: " + std::to_string(records) + "s")
        .pipeline("p", name, "batch: {max_records: " + std::to_string(records) + "}")
        .yaml();
  };
  SluiceProcess sluice(with(10));
  Load load(broker_, name, 1, 200);
  std::size_t files = 0;
  std::size_t threads = 0;
  for (int i = 1; i <= 20; ++i) {
    reload(sluice, with(10 + i % 2));
    if (i != 5) continue;
    ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon));
    files = open_files_of(sluice.pid());
    threads = threads_of(sluice.pid());
  }
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon));
  // Those of the one before go within a second.
  const auto gone = [&] {
    return open_files_of(sluice.pid()) <= files + 3 && threads_of(sluice.pid()) <= threads + 2;
  };
  EXPECT_TRUE(eventually(gone, kSoon))
      << open_files_of(sluice.pid()) << " files after " << files << ", " << threads_of(sluice.pid())
      << " threads after " << threads;
  load.stop();
  ASSERT_TRUE(wait_for_commits(broker_, name, kSoon)) << sluice.log();
  EXPECT_EQ(reconcile(broker_, name, {&api}), Accounts{});
  EXPECT_THAT(api.disorder(), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
