#include "base/wipe.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace sluice {
namespace {

TEST(Wipe, OverwritesWhatAStringHeldBeyondItsEnd) {
  std::string text("s3cr3t");
  text.resize(1);
  wipe(text);
  EXPECT_TRUE(text.empty());
  const std::string_view object(reinterpret_cast<const char*>(&text), sizeof text);
  EXPECT_EQ(object.find("3cr3t"), object.npos);
}

TEST(SecretTexts, AreWipedWhenOthersTakeTheirPlace) {
  SecretTexts texts;
  texts.add("s3cr3t");
  const std::string& text = texts.all().front();
  const std::string_view object(reinterpret_cast<const char*>(&text), sizeof text);
  EXPECT_NE(object.find("s3cr3t"), object.npos) << "short enough to stand in the object itself";
  SecretTexts others;
  others.add(texts);
  others.add("more");
  EXPECT_EQ(others.all(), (std::vector<std::string>{"s3cr3t", "more"}));
  texts = std::move(others);
  EXPECT_EQ(texts.all().size(), 2U);
}

}  // namespace
}  // namespace sluice
