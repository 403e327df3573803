#include "simulator/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::simulator {
namespace {

TEST(FaultTest, EveryFaultIsReadFromItsWord) {
  for (const Fault fault : kFaults) {
    const auto read = parse_fault(to_string(fault));
    ASSERT_TRUE(read) << to_string(fault);
    EXPECT_EQ(*read, fault);
  }
}

TEST(FaultTest, AnUnknownWordIsAnsweredWithTheList) {
  const auto read = parse_fault("Outage");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "there is no fault \"Outage\"; did you mean outage?");
  EXPECT_EQ(parse_fault("xyzzy").error().text(),
            "there is no fault \"xyzzy\"; use one of none, outage, throttle, poison, unauthorized, "
            "slow");
}

TEST(FaultTest, AboutOneIdInFiftyIsPoison) {
  int poison = 0;
  for (int i = 0; i < 50'000; ++i) poison += is_poison("evt_" + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(poison, 850);
  EXPECT_LT(poison, 1150);
}

TEST(FaultTest, ThePoisonousIdsAreTheSameOnEveryMachine) {
  std::string found;
  for (int i = 0; i < 200; ++i) {
    if (is_poison("evt_" + std::to_string(i))) found += std::to_string(i) + ' ';
  }
  EXPECT_EQ(found, "74 87 184 ");
}

}  // namespace
}  // namespace sluice::simulator
