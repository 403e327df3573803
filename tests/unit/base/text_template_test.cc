#include "base/text_template.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Kind = TextTemplate::Part::Kind;

TEST(TextTemplateTest, ReadsEveryPlaceholder) {
  const auto text = TextTemplate::parse(
      "/a/{key}-{header:X-Tenant}/{topic}{partition}{offset}{timestamp}{/user/a~1b}");
  ASSERT_TRUE(text);
  const auto& parts = text->parts();
  ASSERT_EQ(parts.size(), 10U);
  EXPECT_EQ(parts[0].text, "/a/");
  EXPECT_EQ(parts[1].kind, Kind::key);
  EXPECT_EQ(parts[2].text, "-");
  EXPECT_EQ(parts[3].kind, Kind::header);
  EXPECT_EQ(parts[3].text, "X-Tenant");
  EXPECT_EQ(parts[5].kind, Kind::topic);
  EXPECT_EQ(parts[8].kind, Kind::timestamp);
  EXPECT_EQ(parts[9].kind, Kind::pointer);
  EXPECT_EQ(parts[9].text, "/user/a~1b");
  EXPECT_FALSE(text->fixed());
}

TEST(TextTemplateTest, DoubledBracesAreBraces) {
  const auto text = TextTemplate::parse("a{{key}}b");
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->fixed());
  EXPECT_EQ(text->filled_with("?"), "a{key}b");
}

TEST(TextTemplateTest, FillsEveryPlaceholderWithTheSame) {
  EXPECT_EQ(TextTemplate::parse("/u/{key}/{/id}")->filled_with("x"), "/u/x/x");
  EXPECT_EQ(TextTemplate::parse("")->filled_with("x"), "");
}

TEST(TextTemplateTest, RefusesWhatIsNoPlaceholder) {
  for (const char* wrong : {"{", "}", "a{key", "a}b", "{}", "{keys}", "{header:}", "{ key}",
                            "{/a~2}", "{/a~}", "{header}", "{key{key}}"}) {
    const auto text = TextTemplate::parse(wrong);
    ASSERT_FALSE(text) << wrong;
    EXPECT_NE(text.error().remedy.find("{/json/pointer}"), std::string::npos);
  }
}

}  // namespace
}  // namespace sluice
