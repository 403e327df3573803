#include "base/threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace sluice {
namespace {

using testing::ExitedWithCode;

TEST(ThreadsTest, AThreadRunsWhatItIsGiven) {
  std::atomic<bool> ran = false;
  auto thread = start_thread("a-thread", [&] { ran = true; });
  ASSERT_TRUE(thread);
  thread->join();
  EXPECT_TRUE(ran);
}

TEST(ThreadsTest, AsManyAsThereAreMayBeAskedForAgainAndAgain) {
  for (int round = 0; round < 20; ++round) EXPECT_TRUE(require_threads(8));
  EXPECT_TRUE(require_threads(0));
}

TEST(ThreadsTest, TheErrorNamesTheCauseTheRemedyAndTheNumber) {
  EXPECT_EQ(no_thread(40).text(),
            "cannot start a thread: Resource temporarily unavailable; raise the limit of processes "
            "(ulimit -u, or pids.max / the pod's pid limit); 40 more threads are needed");
  EXPECT_EQ(no_thread(1).remedy,
            "raise the limit of processes (ulimit -u, or pids.max / the pod's pid limit); "
            "1 more thread is needed");
}

// Only in a child: what is given away here does not come back. Root has no limits.
void leave_no_threads(rlim_t most) {
  // Whose threads are no other test's.
  const uid_t user = 30'000 + static_cast<uid_t>(::getpid()) % 30'000;
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  const bool limited = ::setrlimit(RLIMIT_NPROC, &limit) == 0 &&
                       (::geteuid() != 0 || ::setresuid(user, user, user) == 0);
  if (!limited) std::_Exit(3);
}

TEST(ThreadsDeathTest, WhereNoneCanBeStartedThatIsAnError) {
  const auto child = [] {
    leave_no_threads(1);
    const auto thread = start_thread("a-thread", [] {});
    const auto several = require_threads(3);
    const bool refused = !thread && thread.error().text() == no_thread(1).text() && !several &&
                         several.error().text() == no_thread(3).text();
    std::_Exit(refused ? 0 : 1);
  };
  EXPECT_EXIT(child(), ExitedWithCode(0), "");
}

// As root only, or what else the user runs would count.
TEST(ThreadsDeathTest, WhatWasFoundToBeThereCanBeStartedRightAfterwards) {
  if (::geteuid() != 0) GTEST_SKIP() << "this needs root";
  const auto child = [] {
    leave_no_threads(8);
    std::size_t most = 0;  // a sanitizer may have threads of its own
    while (most < 8 && require_threads(most + 1)) ++most;
    bool right = most > 0 && most < 8;
    for (int round = 0; round < 200; ++round) right = right && require_threads(most);
    std::_Exit(right ? 0 : 1);
  };
  EXPECT_EXIT(child(), ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sluice
