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

TEST(EncodingTest, Base64UrlHasNoPaddingAndNoCharactersOfUrls) {
  EXPECT_EQ(base64url("\xFB\xFF\xFE"), "-__-");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url(""), "");
}

TEST(EncodingTest, ReadsBackTheBase64ThatItWrites) {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"),
                                   std::string("foo"), std::string("\xFB\xFF\x00\xFE", 4)}) {
    const auto read = from_base64(base64(bytes));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->reveal(), bytes);
  }
}

TEST(EncodingTest, RefusesWhatIsNotBase64) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n",
                           "Z=g=", "-__-", "====", "=", "Zm9v=Zg="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(EncodingTest, ReadsHexInEitherCaseAndNothingElse) {
  ASSERT_TRUE(from_hex("00aFfF"));
  EXPECT_EQ(from_hex("00aFfF")->reveal(), std::string_view("\x00\xAF\xFF", 3));
  EXPECT_TRUE(from_hex(""));
  for (const char* text : {"0", "0g", "g0", "0x00", "00 00", "-1"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
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
