// `sluice status` and `sluice act` beside a Sluice that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "integration/failures.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

class StatusCommand : public FailuresTest {
 protected:
  using Env = std::map<std::string, std::string>;

  Ended run(std::vector<std::string> argv, const Env& env = {}) const {
    const TempDir dir;
    ChildProcess child({.argv = std::move(argv),
                        .env = env,
                        .out_file = dir.path() / "out",
                        .err_file = dir.path() / "err"});
    const auto status = child.wait(seconds(30));
    return {status ? status->code : -1, read_file(dir.path() / "out"),
            read_file(dir.path() / "err")};
  }
  // With the address at its end, and the token unless it is another one.
  Ended sluice(SluiceProcess& running, std::vector<std::string> words,
               const std::string& token = kAdminToken) const {
    words.insert(words.begin(), sluice_binary());
    words.insert(words.end(), {"--url", url(running)});
    return run(std::move(words), {{"SLUICE_ADMIN_TOKEN", token}});
  }
  static std::string url(SluiceProcess& running) {
    return "http://127.0.0.1:" + std::to_string(running.admin_port());
  }
  // As it is printed, but for the address.
  Ended paste(SluiceProcess& running, const std::string& command) const {
    const std::string path = std::filesystem::path(sluice_binary()).parent_path().string();
    return run({"sh", "-c", command + " --url " + url(running)},
               {{"SLUICE_ADMIN_TOKEN", kAdminToken}, {"PATH", path + ":" + std::getenv("PATH")}});
  }
  void run_what_it_shows(SluiceProcess& running, const std::set<std::string>& expected);
};

void add_commands(const rapidjson::Value& value, std::set<std::string>& commands) {
  if (value.IsArray()) {
    for (const auto& item : value.GetArray()) add_commands(item, commands);
  } else if (value.IsObject()) {
    for (const auto& [name, item] : value.GetObject()) {
      if (std::string(name.GetString()) == "release") {
        for (const auto& command : item.GetArray()) commands.insert(command.GetString());
      } else {
        add_commands(item, commands);
      }
    }
  }
}

std::set<std::string> commands_in(SluiceProcess& running) {
  rapidjson::Document document;
  document.Parse(running.status().c_str());
  std::set<std::string> commands;
  add_commands(document, commands);
  return commands;
}

// All that /status offers; after one of them another may have nothing left to do.
void StatusCommand::run_what_it_shows(SluiceProcess& running,
                                      const std::set<std::string>& expected) {
  std::set<std::string> shown;
  EXPECT_TRUE(eventually(
      [&] {
        shown = commands_in(running);
        return shown == expected;
      },
      seconds(10), std::chrono::milliseconds(200)))
      << testing::PrintToString(shown);
  bool first = true;
  for (const std::string& command : shown) {
    const Ended ended = paste(running, command);
    EXPECT_TRUE(ended.code == 0 || (ended.code == 1 && !first)) << command << ended.err;
    EXPECT_THAT(ended.err, AllOf(Not(HasSubstr("there is no ")), Not(HasSubstr("write "))))
        << command;
    first = false;
  }
}

TEST_F(StatusCommand, SaysWhatStandsStillAndActsOnIt) {
  make_topics("status-command", 2, 100);
  SluiceProcess running(config());
  ASSERT_TRUE(has_committed({100, 100})) << running.log();
  ASSERT_TRUE(wait_for_state(running, "p", "flowing", seconds(10)));

  Ended ended = sluice(running, {"status"});
  EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, AllOf(StartsWith("Sluice "), HasSubstr("PIPELINE"), HasSubstr("flowing"),
                               HasSubstr("TARGET"), Not(HasSubstr("\033"))));
  ended = sluice(running, {"act", "pause", "p"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("sluice act resume p"));
  ASSERT_TRUE(wait_for_state(running, "p", "paused", seconds(10)));
  ended = sluice(running, {"act", "pause", "p"});
  EXPECT_EQ(ended.code, 1) << ended.out;
  EXPECT_THAT(ended.err, HasSubstr("it is paused already"));

  ended = sluice(running, {"status"}, "");
  EXPECT_EQ(ended.code, 1) << "it stands still, and to look needs no token";
  EXPECT_THAT(ended.out, AllOf(HasSubstr("paused"), HasSubstr("why:  by an operator"),
                               HasSubstr("do:   sluice act resume p")));
  ended = sluice(running, {"status", "--json"});
  EXPECT_EQ(ended.code, 1);
  rapidjson::Document document;
  EXPECT_FALSE(document.Parse(ended.out.c_str()).HasParseError()) << ended.out;

  ended = sluice(running, {"act", "resume", "p"}, "a-token-of-another-one");
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("admin.token"));
  ended = sluice(running, {"act", "resume", "p"}, "");
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("SLUICE_ADMIN_TOKEN"));
  run_what_it_shows(running, {"sluice act resume p"});
  EXPECT_TRUE(wait_for_state(running, "p", "flowing", seconds(10)));
  EXPECT_EQ(sluice(running, {"act", "log-level", "--level", "debug"}).code, 0);
  EXPECT_EQ(sluice(running, {"act", "reload"}).code, 0);
}

TEST_F(StatusCommand, WatchesUntilItIsInterrupted) {
  make_topics("status-watch", 1, 10);
  SluiceProcess running(config());
  ASSERT_TRUE(has_committed({10})) << running.log();
  const TempDir dir;
  ChildProcess child({.argv = {sluice_binary(), "status", "--watch", "--url", url(running)},
                      .env = {},
                      .out_file = dir.path() / "out",
                      .err_file = dir.path() / "err"});
  const auto pictures = [&] {
    std::size_t count = 0;
    const std::string out = read_file(dir.path() / "out");
    for (std::size_t at = 0; (at = out.find("PIPELINE", at)) != out.npos; ++at) ++count;
    return count;
  };
  EXPECT_TRUE(eventually([&] { return pictures() >= 3; }, seconds(15)));
  child.signal(SIGINT);
  const auto status = child.wait(seconds(5));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->signal, 0);
}

TEST_F(StatusCommand, TellsWhoDoesNotAnswerFromAWrongLine) {
  const std::string nowhere = "http://127.0.0.1:" + std::to_string(free_port());
  Ended ended = run({sluice_binary(), "status", "--url", nowhere});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("nobody answers at " + nowhere), HasSubstr("--config")));
  ended = run({sluice_binary(), "act", "pause", "p", "--url", nowhere},
              {{"SLUICE_ADMIN_TOKEN", kAdminToken}});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, HasSubstr("nobody answers"));
  ended = run({sluice_binary(), "act", "pasue", "p", "--url", nowhere});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("did you mean pause?"));
  ended = run({sluice_binary(), "act", "pause", "--url", nowhere});
  EXPECT_EQ(ended.code, 2);
  ended = run({sluice_binary(), "status", "--url", "ftp://x"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("--url"));
  ended = run({sluice_binary(), "statsu"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("did you mean status?"));
  ended = run({sluice_binary(), "status", "--config", "/nowhere.yaml"});
  EXPECT_EQ(ended.code, 2);
}

TEST_F(StatusCommand, GivesUpOnAProcessThatStandsStill) {
  make_topics("status-frozen", 1, 10);
  SluiceProcess running(config());
  ASSERT_TRUE(has_committed({10})) << running.log();
  running.signal(SIGSTOP);
  const auto began = std::chrono::steady_clock::now();
  const Ended ended = sluice(running, {"act", "pause", "p"});
  const auto took = std::chrono::steady_clock::now() - began;
  running.signal(SIGCONT);
  EXPECT_EQ(ended.code, 3);
  EXPECT_LT(took, seconds(20)) << "it asks for ten";
  EXPECT_THAT(ended.err, AllOf(HasSubstr("nobody answers at " + url(running)), HasSubstr("--url")));
}

TEST_F(StatusCommand, AnActionNamesThePipelinesAndTargetsThatThereAre) {
  make_topics("status-names", 1, 10);
  SluiceProcess running(config());
  ASSERT_TRUE(has_committed({10})) << running.log();
  Ended ended = sluice(running, {"act", "pause", "xyzzy"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "sluice: there is no pipeline \"xyzzy\"; there is p\n");
  ended = sluice(running, {"act", "reset-breaker", "ap"});
  EXPECT_EQ(ended.err, "sluice: there is no target \"ap\"; did you mean api?\n");
}

// Where Sluice listens and what its token is stands there; no other secret has to be there.
TEST_F(StatusCommand, TakesAddressAndTokenFromTheConfiguration) {
  make_topics("status-config", 1, 10);
  const TempDir dir;
  const std::string file = dir.path() / "sluice.yaml";
  const std::string at = "127.0.0.1:" + std::to_string(free_port());
  const auto with_port = [&](std::string yaml) {
    const std::string any = "127.0.0.1:0";
    return yaml.replace(yaml.find(any), any.size(), at);
  };
  std::ofstream(file) << with_port(
      FlowConfig(broker_)
          .admin_token("'${env:SLUICE_TEST_TOKEN}'")
          .target("api", api_.url(), "auth: {type: bearer, token: \"${env:NOT_SET}\"}")
          .pipeline("p", topic_)
          .yaml());
  SluiceProcess running(with_port(config()));
  ASSERT_TRUE(has_committed({10})) << running.log();
  const Env token{{"SLUICE_TEST_TOKEN", kAdminToken}, {"SLUICE_ADMIN_TOKEN", "another"}};
  Ended ended = run({sluice_binary(), "status", "--config", file});
  EXPECT_EQ(ended.code, 0) << "who only looks needs no token: " << ended.err;
  ended = run({sluice_binary(), "act", "pause", "p", "--config", file}, token);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(wait_for_state(running, "p", "paused", seconds(10)));
  ended = run({sluice_binary(), "status", "--config", file, "--url", "http://" + at}, token);
  EXPECT_EQ(ended.code, 2) << "which of them?";
}

TEST_F(StatusCommand, WhatItShowsOfAnOutageWorksAsPrinted) {
  make_topics("status-outage", 2, 20);
  api_.answer_with(RecordingApi::always({.status = 503}));
  SluiceProcess running(config(kBatches, "circuit_breaker: {open_for: 1m}"));
  ASSERT_TRUE(wait_for_state(running, "p", "breaker_open", seconds(30))) << running.log();
  api_.answer_with(RecordingApi::take_all());
  run_what_it_shows(running, {"sluice act reset-breaker api", "sluice act retry p"});
  expect_all(running);
}

TEST_F(StatusCommand, WhatItShowsOfASuspectWorksAsPrinted) {
  make_topics("status-suspect", 1, 20);
  fail_on(id(7), {.status = 500});
  SluiceProcess running(config(kBatches, "circuit_breaker: {open_for: 5m}"));
  ASSERT_TRUE(wait_for_state(running, "p", "breaker_open", seconds(30))) << running.log();
  EXPECT_EQ(sluice(running, {"act", "retry", "p"}).code, 0);
  ASSERT_TRUE(wait_for_state(running, "p", "suspect_record", seconds(30)))
      << running.status() << running.log();
  const std::string of = " p --topic " + topic_ + " --partition 0";
  run_what_it_shows(running, {"sluice act dead-letter" + of, "sluice act retry" + of});
  expect_all(running, dead({id(7)}));
}

TEST_F(StatusCommand, WhatItShowsOfAPlaceThatIsGoneWorksAsPrinted) {
  make_topics("status-gone", 1, 100);
  commit_offsets(broker_.brokers(), group_of(topic_), topic_, {10});
  broker_.delete_records(topic_, 0, 50);
  SluiceProcess running(config());
  ASSERT_TRUE(wait_for_state(running, "p", "offset_out_of_range", seconds(30))) << running.log();
  const std::string resume =
      "sluice act resume-from p --topic " + topic_ + " --partition 0 --offset ";
  run_what_it_shows(running, {resume + "earliest", resume + "latest"});
  EXPECT_TRUE(has_committed({100})) << running.status();
}

}  // namespace
}  // namespace sluice::test
