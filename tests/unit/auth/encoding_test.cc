#include "auth/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sluice::auth {
namespace {

TEST(EncodingTest, Base64OfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFB\xFF\xFE"), "+//+");
  EXPECT_EQ(base64(std::string(2, '\0')), "AAA=");
}

TEST(EncodingTest, HexIsLowerCaseAndKeepsLeadingZeros) {
  EXPECT_EQ(lower_hex(std::array<unsigned char, 4>{0x00, 0x0a, 0xf0, 0xff}), "000af0ff");
}

TEST(EncodingTest, PercentEncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encoded("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(percent_encoded("a b&c=d+e/f?%"), "a%20b%26c%3Dd%2Be%2Ff%3F%25");
  EXPECT_EQ(percent_encoded("\xC3\xA9"), "%C3%A9");
}

}  // namespace
}  // namespace sluice::auth
