#include "demo/schedule.h"

#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

using simulator::Fault;
using std::chrono::seconds;

TEST(Schedule, TheMiddleThirdIsBroken) {
  EXPECT_EQ(phase_at(seconds(0), seconds(30), Fault::outage), Phase::healthy);
  EXPECT_EQ(phase_at(seconds(9), seconds(30), Fault::outage), Phase::healthy);
  EXPECT_EQ(phase_at(seconds(10), seconds(30), Fault::outage), Phase::broken);
  EXPECT_EQ(phase_at(seconds(19), seconds(30), Fault::outage), Phase::broken);
  EXPECT_EQ(phase_at(seconds(20), seconds(30), Fault::outage), Phase::healed);
  EXPECT_EQ(phase_at(seconds(99), seconds(30), Fault::outage), Phase::healed);
}

TEST(Schedule, WithoutAFaultNothingBreaks) {
  EXPECT_EQ(phase_at(seconds(15), seconds(30), Fault::none), Phase::healthy);
}

TEST(Schedule, EveryFaultIsAnnouncedByNameWithWhatToLookAt) {
  for (const Fault fault : simulator::kFaults) {
    if (fault == Fault::none) continue;
    const std::string broken = announcement(Phase::broken, fault);
    EXPECT_NE(broken.find("(" + std::string(to_string(fault)) + ":"), std::string::npos) << broken;
    EXPECT_NE(broken.find("\nLook: "), std::string::npos) << broken;
    EXPECT_NE(announcement(Phase::healed, fault).find("\nLook: "), std::string::npos);
  }
}

TEST(Schedule, AnnouncementsFitATerminal) {
  for (const Fault fault : simulator::kFaults) {
    for (const Phase phase : {Phase::healthy, Phase::broken, Phase::healed}) {
      std::size_t column = 0;
      for (const char c : announcement(phase, fault)) {
        column = c == '\n' ? 0 : column + 1;
        EXPECT_LE(column, 110U) << announcement(phase, fault);
      }
    }
  }
}

}  // namespace
}  // namespace sluice::demo
