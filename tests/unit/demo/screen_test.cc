#include "demo/screen.h"

#include <gtest/gtest.h>

namespace sluice::demo {
namespace {

constexpr const char* kNoWrap = "\033[?7l";
constexpr const char* kWrap = "\033[?7h";

std::string drawn(const std::string& table) { return kNoWrap + table + kWrap; }

TEST(Screen, ATableIsDrawnOverTheOneBefore) {
  Screen screen;
  EXPECT_EQ(screen.show("a\nb\n"), drawn("a\nb\n"));
  EXPECT_EQ(screen.show("c\nd\ne\n"), "\r\033[2A\033[J" + drawn("c\nd\ne\n"));
  EXPECT_EQ(screen.show("f\n"), "\r\033[3A\033[J" + drawn("f\n"));
}

TEST(Screen, TextTakesTheTablesPlaceAndStays) {
  Screen screen;
  screen.show("a\nb\n");
  EXPECT_EQ(screen.say("text\n"), "\r\033[2A\033[Jtext\n");
  EXPECT_EQ(screen.say("more\n"), "more\n");
  EXPECT_EQ(screen.show("c\n"), drawn("c\n"));
}

TEST(Screen, ATableThatIsKeptIsNotDrawnOver) {
  Screen screen;
  screen.show("a\nb\n");
  screen.keep();
  EXPECT_EQ(screen.say("text\n"), "text\n");
}

}  // namespace
}  // namespace sluice::demo
