#include "pipeline/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <thread>
#include <vector>

#include "pipeline/background.h"

namespace sluice::pipeline {
namespace {

bool readable(const Mailbox& mailbox) {
  pollfd wake{mailbox.wake().fd(), POLLIN, 0};
  return ::poll(&wake, 1, 0) == 1;
}

TEST(MailboxTest, WakesTheSleeperAndRunsMessagesInOrder) {
  Mailbox mailbox(*WakeFd::create());
  EXPECT_FALSE(readable(mailbox));
  std::vector<int> ran;
  mailbox.post([&] { ran.push_back(1); });
  mailbox.post([&] { ran.push_back(2); });
  EXPECT_TRUE(readable(mailbox));
  mailbox.wake().clear();
  EXPECT_FALSE(readable(mailbox));
  mailbox.run_all();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  mailbox.run_all();
  EXPECT_EQ(ran.size(), 2U);
}

TEST(MailboxTest, AMessageMayPostAnother) {
  Mailbox mailbox(*WakeFd::create());
  int ran = 0;
  mailbox.post([&] { mailbox.post([&] { ++ran; }); });
  mailbox.run_all();
  EXPECT_EQ(ran, 0) << "the next turn's";
  mailbox.run_all();
  EXPECT_EQ(ran, 1);
}

TEST(MailboxTest, LosesNothingUnderManyWriters) {
  Mailbox mailbox(*WakeFd::create());
  int ran = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) mailbox.post([&] { ++ran; });
    });
  }
  while (ran < 2000) mailbox.run_all();
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(ran, 2000);
}

TEST(BackgroundTest, WhatIsUrgentRunsNext) {
  std::vector<int> ran;
  std::atomic<bool> started{false};
  std::atomic<bool> go_on{false};
  std::atomic<bool> done{false};
  Background background;
  background.run_soon([&] {
    started = true;
    started.notify_all();
    go_on.wait(false);
  });
  started.wait(false);
  background.run_soon([&] {
    ran.push_back(2);
    done = true;
    done.notify_all();
  });
  background.run_next([&] { ran.push_back(1); });
  go_on = true;
  go_on.notify_all();
  done.wait(false);
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

TEST(BackgroundTest, RunsTasksInOrderAndDropsTheRestAtItsEnd) {
  std::vector<int> ran;
  std::atomic<bool> first_started{false};
  std::atomic<bool> go_on{false};
  std::thread opener;
  {
    Background background;
    background.run_soon([&] {
      ran.push_back(1);
      first_started = true;
      first_started.notify_all();
      go_on.wait(false);
    });
    background.run_soon([&] { ran.push_back(2); });
    first_started.wait(false);
    opener = std::thread([&] {
      go_on = true;
      go_on.notify_all();
    });
    // The destructor asks it to stop while the first task is running, or just after it.
  }
  opener.join();
  ASSERT_GE(ran.size(), 1U);
  EXPECT_EQ(ran.front(), 1);
}

}  // namespace
}  // namespace sluice::pipeline
