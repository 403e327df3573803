#include "base/failpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace sluice {
namespace {

using ::testing::HasSubstr;

TEST(FailpointTest, EveryPointHasANameThatChoosesIt) {
  std::set<std::string> names;
  for (const Failpoint point : kAllFailpoints) {
    const std::string name(to_string(point));
    const auto choice = parse_failpoint(name);
    ASSERT_TRUE(choice) << name;
    EXPECT_EQ(choice->point, point);
    EXPECT_EQ(choice->count, 1U);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Failpoint::revoke_committed) + 1);
}

TEST(FailpointTest, ACountStandsBehindAColon) {
  const auto choice = parse_failpoint("commit_asked:12");
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->point, Failpoint::commit_asked);
  EXPECT_EQ(choice->count, 12U);
}

TEST(FailpointTest, AnUnknownNameIsRefusedWithThoseThereAre) {
  for (const char* name : {"", "record_poled", "Draining", " draining", "unknown"}) {
    const auto choice = parse_failpoint(name);
    ASSERT_FALSE(choice) << name;
    EXPECT_THAT(choice.error().text(),
                HasSubstr("there is no failpoint \"" + std::string(name) + "\""));
    for (const Failpoint point : kAllFailpoints) {
      EXPECT_THAT(choice.error().remedy, HasSubstr(std::string(to_string(point))));
    }
  }
}

TEST(FailpointTest, ACountThatIsNoneIsRefused) {
  for (const char* count : {"", "0", "-1", "+1", "1x", " 1", "1:1", "4294967296"}) {
    const auto choice = parse_failpoint("draining:" + std::string(count));
    ASSERT_FALSE(choice) << count;
    EXPECT_THAT(choice.error().text(), HasSubstr("\"" + std::string(count) + "\" is no count"));
  }
}

TEST(FailpointTest, OnlyTheChosenPassingOfTheChosenPointCounts) {
  FailpointCountdown countdown({Failpoint::request_made, 2});
  EXPECT_FALSE(countdown.pass(Failpoint::request_made));
  EXPECT_FALSE(countdown.pass(Failpoint::commit_asked));
  EXPECT_TRUE(countdown.pass(Failpoint::request_made));
  EXPECT_FALSE(countdown.pass(Failpoint::request_made));
}

TEST(FailpointTest, WorkersCountTogether) {
  constexpr std::uint32_t kEach = 1000;
  FailpointCountdown countdown({Failpoint::record_polled, 4 * kEach});
  std::atomic<int> chosen{0};
  const auto work = [&] {
    for (std::uint32_t i = 0; i < kEach; ++i) chosen += countdown.pass(Failpoint::record_polled);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(chosen, 1);
}

// What the process does with the environment, whichever way it was built.
int run_with(const char* choice) {
  ::setenv("SLUICE_FAILPOINT", choice, 1);
  if (const auto armed = arm_failpoint(); !armed) {
    std::fputs(armed.error().text().c_str(), stderr);
    return 2;
  }
  pass_failpoint(Failpoint::draining);
  pass_failpoint(Failpoint::commit_asked);
  std::fputs("passed one commit_asked", stderr);
  pass_failpoint(Failpoint::commit_asked);
  return 0;
}

#ifdef SLUICE_FAILPOINTS
TEST(FailpointDeathTest, TheProcessIsKilledAtTheChosenPassing) {
  EXPECT_EXIT(std::exit(run_with("commit_asked:2")), ::testing::KilledBySignal(SIGKILL),
              "passed one commit_asked");
  EXPECT_EXIT(std::exit(run_with("commit_asked:3")), ::testing::ExitedWithCode(0), "passed one");
}

TEST(FailpointDeathTest, AChoiceThatIsNoneNamesTheVariable) {
  EXPECT_EXIT(std::exit(run_with("nowhere")), ::testing::ExitedWithCode(2),
              "SLUICE_FAILPOINT: there is no failpoint \"nowhere\"; choose one of record_polled, ");
}
#else
TEST(FailpointDeathTest, WithoutTheOptionTheEnvironmentIsNotLookedAt) {
  EXPECT_EXIT(std::exit(run_with("draining")), ::testing::ExitedWithCode(0), "passed one");
  EXPECT_EXIT(std::exit(run_with("nowhere")), ::testing::ExitedWithCode(0), "passed one");
}
#endif

}  // namespace
}  // namespace sluice
