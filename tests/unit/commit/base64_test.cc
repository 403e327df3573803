#include "commit/base64.h"

#include <gtest/gtest.h>

namespace sluice::commit {
namespace {

TEST(Base64Test, AgreesWithTheVectorsOfRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xfb\xff", "+/8="}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64Test, TakesNothingThatItWouldNotWrite) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==",
                           "Zm9v\n", "Zm 9", "Zm-_", "Zm9v===="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(Base64Test, KnowsHowMuchFits) {
  EXPECT_EQ(base64_holds(4096), 3072U);
  EXPECT_EQ(to_base64(std::string(3072, 'x')).size(), 4096U);
  EXPECT_EQ(base64_holds(7), 3U);
}

}  // namespace
}  // namespace sluice::commit
