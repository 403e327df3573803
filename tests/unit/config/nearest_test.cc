#include "config/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::config {
namespace {

const std::vector<std::string_view> kKeys{"linger", "max_records", "max_bytes", "target", "in"};

TEST(Nearest, FindsTheKeyThatIsMisspelt) {
  EXPECT_EQ(nearest("lingr", kKeys), "linger");
  EXPECT_EQ(nearest("max-bytes", kKeys), "max_bytes");
  EXPECT_EQ(nearest("maxRecords", kKeys), "max_records");
}

TEST(Nearest, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(nearest("ni", kKeys), "in") << "two wrong letters of two would be too many";
}

TEST(Nearest, IgnoresCase) { EXPECT_EQ(nearest("LINGER", kKeys), "linger"); }

TEST(Nearest, OffersNothingForAWordThatIsLikeNone) {
  EXPECT_EQ(nearest("proxy", kKeys), "");
  EXPECT_EQ(nearest("if", {}), "");
}

TEST(Nearest, OffersNothingForAShortWordWithMoreThanHalfWrong) {
  EXPECT_EQ(nearest("ox", kKeys), "");
  EXPECT_EQ(nearest("x", kKeys), "");
  EXPECT_EQ(nearest("", kKeys), "");
}

TEST(Nearest, PrefersTheFirstOfEquals) { EXPECT_EQ(nearest("aab", {"aaa", "abb"}), "aaa"); }

TEST(Nearest, DoesNotWorkOnEndlessWords) {
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), kKeys), "");
}

}  // namespace
}  // namespace sluice::config
