#include "pipeline/operator_pause.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

using Left = OperatorPause::Left;

TEST(OperatorPauseTest, NothingIsHeldAtFirst) {
  const OperatorPause pause;
  EXPECT_FALSE(pause.on());
  EXPECT_FALSE(pause.holds_requests());
  EXPECT_FALSE(pause.draining());
}

TEST(OperatorPauseTest, AWishIsNewOnce) {
  OperatorPause pause;
  EXPECT_FALSE(pause.set(PauseWish::none));
  EXPECT_TRUE(pause.set(PauseWish::pause));
  EXPECT_FALSE(pause.set(PauseWish::pause));
  EXPECT_TRUE(pause.set(PauseWish::drain));
  EXPECT_FALSE(pause.set(PauseWish::drain));
  EXPECT_TRUE(pause.set(PauseWish::pause)) << "what is not sent yet stays";
  EXPECT_TRUE(pause.set(PauseWish::none));
  EXPECT_FALSE(pause.on());
}

TEST(OperatorPauseTest, APauseHoldsRequestsAndADrainSendsThem) {
  OperatorPause pause;
  pause.set(PauseWish::pause);
  EXPECT_TRUE(pause.on());
  EXPECT_TRUE(pause.holds_requests());
  EXPECT_FALSE(pause.draining());
  pause.set(PauseWish::drain);
  EXPECT_TRUE(pause.on());
  EXPECT_FALSE(pause.holds_requests());
  EXPECT_TRUE(pause.draining());
}

TEST(OperatorPauseTest, SaysWhoseWishItIsAndWhatEndsIt) {
  OperatorPause pause;
  pause.set(PauseWish::pause);
  const Stall stall = pause.stall("deposits", Left{12, false});
  EXPECT_EQ(stall.reason, StallReason::paused);
  EXPECT_EQ(stall.detail, "by an operator");
  EXPECT_EQ(stall.next, "it waits for an operator");
  EXPECT_FALSE(stall.next_at);
  EXPECT_EQ(stall.release, std::vector<std::string>{"sluice act resume deposits"});
}

TEST(OperatorPauseTest, ADrainSaysWhatItWaitsFor) {
  OperatorPause pause;
  pause.set(PauseWish::drain);
  const auto detail = [&](const Left& left) { return pause.stall("deposits", left).detail; };
  EXPECT_EQ(detail({12, false}), "draining: 12 records on their way");
  EXPECT_EQ(detail({0, false}), "draining: the last commit is on its way");
  EXPECT_EQ(detail({}), "drained: nothing is on its way, all that was read is committed");
  EXPECT_EQ(pause.stall("deposits", {12, false}).next,
            "it is drained once all of that is committed");
  EXPECT_EQ(pause.stall("deposits", {}).next, "it waits for an operator");
  EXPECT_EQ(pause.stall("deposits", {}).reason, StallReason::paused);
}

TEST(OperatorPauseTest, ADrainThatIsHeldUpSaysHowItsCauseIsReleased) {
  OperatorPause pause;
  pause.set(PauseWish::drain);
  const Instant next_try = Instant{} + std::chrono::seconds(7);
  const Stall cause{StallReason::breaker_open,
                    "target api: HTTP 503",
                    "one request tries again",
                    next_try,
                    {"sluice act retry deposits"}};
  const Stall stall = pause.stall("deposits", {12, false, cause});
  EXPECT_EQ(stall.reason, StallReason::paused);
  EXPECT_EQ(stall.detail, "draining: 12 records on their way; held up: target api: HTTP 503");
  EXPECT_EQ(stall.next, "one request tries again");
  EXPECT_EQ(stall.next_at, next_try);
  EXPECT_EQ(stall.release,
            (std::vector<std::string>{"sluice act retry deposits", "sluice act resume deposits"}));
}

}  // namespace
}  // namespace sluice::pipeline
