// `sluice demo`, whole: with every fault it loses nothing, and says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "support/eventually.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kPatience = std::chrono::seconds(90);

class DemoProcess {
 public:
  explicit DemoProcess(std::vector<std::string> options) {
    options.insert(options.begin(), {sluice_binary(), "demo"});
    child_.emplace(ChildProcess::Options{.argv = std::move(options),
                                         .env = {},
                                         .out_file = dir_.path() / "out",
                                         .err_file = dir_.path() / "err"});
  }

  void signal(int number) { child_->signal(number); }
  int exit_code() {
    const auto status = child_->wait(kPatience);
    return status ? status->code : -1;
  }
  std::string out() const { return read_file(dir_.path() / "out"); }
  std::string err() const { return read_file(dir_.path() / "err"); }

 private:
  TempDir dir_;
  std::optional<ChildProcess> child_;
};

// The line "produced 40000  delivered 39920  dead-lettered 80  0 lost  0 repeated".
struct Reconciled {
  std::uint64_t produced = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t lost = 1;
  std::uint64_t repeated = 1;
};

Reconciled reconciled(const std::string& out) {
  static const std::regex line(
      "\nproduced (\\d+)  delivered (\\d+)  dead-lettered (\\d+)  (\\d+) lost  (\\d+) repeated\n");
  std::smatch found;
  if (!std::regex_search(out, found, line)) return {};
  return {std::stoull(found[1]), std::stoull(found[2]), std::stoull(found[3]),
          std::stoull(found[4]), std::stoull(found[5])};
}

class DemoTest : public testing::Test {
 protected:
  Reconciled run(const std::string& fault) {
    DemoProcess demo({"--duration", "5s", "--rate", "1000", "--fault", fault});
    EXPECT_EQ(demo.exit_code(), 0) << demo.out() << demo.err();
    EXPECT_EQ(demo.err(), "");
    out_ = demo.out();
    const Reconciled all = reconciled(out_);
    EXPECT_GT(all.produced, 1000U) << out_;
    EXPECT_EQ(all.delivered + all.dead_lettered, all.produced) << out_;
    EXPECT_EQ(all.lost, 0U) << out_;
    EXPECT_EQ(all.repeated, 0U) << out_;
    return all;
  }

  std::string out_;
};

TEST_F(DemoTest, WithoutAFaultOnlyBadRecordsAreDeadLettered) {
  const Reconciled all = run("none");
  EXPECT_EQ(all.dead_lettered, (all.produced + 249) / 500);
  EXPECT_THAT(out_, HasSubstr("First record delivered"));
  EXPECT_THAT(out_, HasSubstr("/metrics"));
  EXPECT_THAT(out_, HasSubstr("Where next"));
  EXPECT_THAT(out_, Not(HasSubstr("\033"))) << "no terminal, no escape sequences";
}

TEST_F(DemoTest, AnOutageOpensTheBreakerAndDeadLettersNothingMore) {
  const Reconciled all = run("outage");
  EXPECT_EQ(all.dead_lettered, (all.produced + 249) / 500);
  EXPECT_THAT(out_, HasSubstr("The API is broken now (outage:"));
  EXPECT_THAT(out_, HasSubstr("breaker_open"));
  EXPECT_THAT(out_, HasSubstr("The API is healed."));
}

TEST_F(DemoTest, RefusedCredentialsParkThePipelinesAndDeadLetterNothingMore) {
  const Reconciled all = run("unauthorized");
  EXPECT_EQ(all.dead_lettered, (all.produced + 249) / 500);
  EXPECT_THAT(out_, HasSubstr("unauthorized (9 of 9)"));
}

TEST_F(DemoTest, AThrottledApiGetsItsRequestsLater) {
  const Reconciled all = run("throttle");
  EXPECT_EQ(all.dead_lettered, (all.produced + 249) / 500);
  EXPECT_THAT(out_, HasSubstr("throttled"));
}

TEST_F(DemoTest, ASlowApiOnlyTakesTime) {
  const Reconciled all = run("slow");
  EXPECT_EQ(all.dead_lettered, (all.produced + 249) / 500);
}

TEST_F(DemoTest, PoisonedRecordsAreDeadLetteredAndTheirNeighboursDelivered) {
  const Reconciled all = run("poison");
  EXPECT_GT(all.dead_lettered, (all.produced + 249) / 500);
  EXPECT_LT(all.dead_lettered, all.produced / 50);
}

TEST(Demo, ASignalEndsItEarlyWithEverythingAccountedFor) {
  DemoProcess demo({"--duration", "1h"});
  ASSERT_TRUE(eventually(
      [&] { return demo.out().find("First record delivered") != std::string::npos; }, kPatience));
  demo.signal(SIGINT);
  EXPECT_EQ(demo.exit_code(), 0) << demo.out() << demo.err();
  EXPECT_EQ(reconciled(demo.out()).lost, 0U) << demo.out();
}

TEST(Demo, ItEndsWhenNobodyReadsItAnyMore) {
  const TempDir dir;
  const std::string demo = "{ " + sluice_binary() + " demo --duration 1h; echo $? >&2; }";
  ChildProcess shell({.argv = {"sh", "-c", demo + " | head -3"},
                      .env = {},
                      .out_file = dir.path() / "out",
                      .err_file = dir.path() / "err"});
  ASSERT_TRUE(shell.wait(kPatience)) << "the shell waits for both";
  EXPECT_EQ(read_file(dir.path() / "err"), "1\n");
}

TEST(Demo, WrongOptionsAreNamedWithWhatToDo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--duration", "20"}, "sluice demo: --duration: \"20\" has no unit"},
      {{"--duration", "1s"}, "sluice demo: --duration: \"1s\" is out of bounds; give it 3s to 1h"},
      {{"--rate", "0"}, "sluice demo: --rate: 0 is out of bounds"},
      {{"--fault", "flood"}, "sluice demo: --fault: "}};
  for (const auto& [options, message] : wrong) {
    DemoProcess demo(options);
    EXPECT_EQ(demo.exit_code(), 2);
    EXPECT_THAT(demo.err(), testing::StartsWith(message));
  }
}

}  // namespace
}  // namespace sluice::test
