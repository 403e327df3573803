// A signal that comes while Sluice starts, at the first thing that its main() is seen to do: strace
// sends it as soon as the process asks for that file.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;

constexpr auto kFirstFile = "/proc/self/coredump_filter";

// The tracer stands aside, so that the child is Sluice itself.
std::vector<std::string> with_signal(const std::string& name) {
  return {
      "strace",   "-D", "-o",           "/dev/null", "-P",
      kFirstFile, "-e", "trace=openat", "-e",        "inject=openat:signal=" + name + ":when=1"};
}

class EarlySignals : public testing::Test {
 protected:
  std::string config() const {
    return FlowConfig(broker_).target("api", api_.url()).pipeline("p", topic_).yaml();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_ =
      std::string("early-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  RecordingApi api_;
};

TEST_F(EarlySignals, SighupIsAReloadOnceItRuns) {
  broker_.create_topic(topic_, 1);
  SluiceProcess sluice(config(), {.prefix = with_signal("SIGHUP")});
  const auto ready = [&] {
    int status = 0;
    sluice.get("/readyz", &status);
    return status == 200;
  };
  EXPECT_TRUE(eventually(ready, seconds(30))) << sluice.log();
  EXPECT_TRUE(sluice.wait_for_event("configuration_reloaded", seconds(10))) << sluice.log();
  sluice.signal(SIGTERM);
  const auto ended = sluice.wait(seconds(20));
  ASSERT_TRUE(ended) << sluice.log();
  EXPECT_EQ(ended->code, 0) << sluice.log();
}

TEST_F(EarlySignals, SigtermAndSigintAreAGoodEnd) {
  broker_.create_topic(topic_, 1);
  for (const char* const name : {"SIGTERM", "SIGINT"}) {
    SluiceProcess sluice(config(), {.prefix = with_signal(name)});
    const auto ended = sluice.wait(seconds(30));
    ASSERT_TRUE(ended) << name << sluice.log();
    EXPECT_EQ(ended->code, 0) << name << sluice.log();
    EXPECT_EQ(sluice.events("service_stopped").size(), 1U) << name << sluice.log();
  }
}

// Where nothing would be committed, nobody has to wait.
TEST_F(EarlySignals, OtherCommandsEndByThem) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"check", "--offline", "no.yaml"}, {"explain", "no.yaml"}, {"status"}, {"help"}}) {
    std::vector<std::string> argv = with_signal("SIGTERM");
    argv.push_back(sluice_binary());
    argv.insert(argv.end(), words.begin(), words.end());
    ChildProcess sluice({.argv = argv, .env = {}, .out_file = {}, .err_file = {}});
    const auto ended = sluice.wait(seconds(20));
    ASSERT_TRUE(ended) << words[0];
    EXPECT_EQ(ended->signal, SIGTERM) << words[0];
  }
}

}  // namespace
}  // namespace sluice::test
