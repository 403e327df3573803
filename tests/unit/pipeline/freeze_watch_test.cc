#include "pipeline/freeze_watch.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::pipeline {
namespace {

using std::chrono::seconds;

class FreezeWatchTest : public testing::Test {
 protected:
  bool tick() { return watch_.tick(clock_.now(), clock_.wall_now()); }

  test::FakeClock clock_;
  FreezeWatch watch_{seconds(5)};
};

TEST_F(FreezeWatchTest, ALoopThatTurnsIsNotFrozen) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(tick());
    clock_.advance(seconds(5));
  }
}

TEST_F(FreezeWatchTest, AStoppedProcessIs) {
  tick();
  clock_.advance(seconds(6));
  EXPECT_TRUE(tick());
  EXPECT_FALSE(tick()) << "told once";
}

TEST_F(FreezeWatchTest, AFrozenMachineShowsOnTheWallClockAlone) {
  tick();
  clock_.set_wall(clock_.wall_now() + seconds(60));
  EXPECT_TRUE(tick());
}

TEST_F(FreezeWatchTest, AWallClockThatIsSetBackIsNoFreeze) {
  tick();
  clock_.set_wall(clock_.wall_now() - seconds(3600));
  clock_.advance(seconds(1));
  EXPECT_FALSE(tick());
}

}  // namespace
}  // namespace sluice::pipeline
