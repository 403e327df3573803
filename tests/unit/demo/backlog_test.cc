#include "demo/backlog.h"

#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

TEST(Backlog, IsFullWhenOneTopicHoldsTheLimit) {
  Backlog backlog(2, 1000);
  backlog.written(0, 900);
  backlog.written(1, 900);
  EXPECT_FALSE(backlog.full());
  backlog.written(1, 900);
  EXPECT_TRUE(backlog.full());
}

TEST(Backlog, WhatIsDoneWithTakesNoRoom) {
  Backlog backlog(1, 1000);
  for (int i = 0; i < 100; ++i) backlog.written(0, 100);
  EXPECT_TRUE(backlog.full());
  backlog.finished(0, 90);
  EXPECT_TRUE(backlog.full());
  backlog.finished(0, 91);
  EXPECT_FALSE(backlog.full());
}

TEST(Backlog, MoreThanIsKnownToBeWrittenIsNoHarm) {
  Backlog backlog(1, 1000);
  backlog.finished(0, 5);
  for (int i = 0; i < 9; ++i) backlog.written(0, 100);
  EXPECT_FALSE(backlog.full());
}

}  // namespace
}  // namespace sluice::demo
