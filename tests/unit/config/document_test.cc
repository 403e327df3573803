#include "config/document.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::config {
namespace {

NodePtr parse(std::string_view text) {
  auto document = parse_document(text);
  EXPECT_TRUE(document) << document.error().cause;
  return document.value_or(nullptr);
}

TEST(Document, KeepsThePlacesOfKeysAndValues) {
  const NodePtr root = parse("a: 1\nb:\n  c: two\n");
  ASSERT_EQ(root->entries.size(), 2U);
  EXPECT_EQ(root->entries[1].place.line, 2);
  EXPECT_EQ(root->entries[1].place.column, 1);
  const Entry& c = root->entries[1].value->entries.at(0);
  EXPECT_EQ(c.key, "c");
  EXPECT_EQ(c.place.line, 3);
  EXPECT_EQ(c.place.column, 3);
  EXPECT_EQ(c.value->place.column, 6);
  EXPECT_EQ(c.value->text, "two");
}

TEST(Document, KeepsAKeyThatStandsTwice) {
  const NodePtr root = parse("a: 1\nb: 2\na: 3\n");
  ASSERT_EQ(root->entries.size(), 3U);
  EXPECT_EQ(root->entries[2].key, "a");
  EXPECT_EQ(root->entries[2].value->text, "3");
}

TEST(Document, TellsQuotedFromPlain) {
  const NodePtr root = parse("- 8\n- \"8\"\n- '8'\n- ~\n- \"~\"\n-\n");
  EXPECT_FALSE(root->items.at(0)->quoted);
  EXPECT_TRUE(root->items.at(1)->quoted);
  EXPECT_TRUE(root->items.at(2)->quoted);
  EXPECT_EQ(root->items.at(3)->kind, Node::Kind::null);
  EXPECT_EQ(root->items.at(4)->kind, Node::Kind::scalar);
  EXPECT_EQ(root->items.at(5)->kind, Node::Kind::null);
}

TEST(Document, PutsTheAnchoredValueWhereItsAliasStands) {
  const NodePtr root = parse("a: &x {b: 1}\nc: *x\nd: [*x]\n");
  EXPECT_EQ(root->entries.at(1).value, root->entries.at(0).value);
  EXPECT_EQ(root->entries.at(2).value->items.at(0), root->entries.at(0).value);
}

TEST(Document, RefusesACycle) { EXPECT_FALSE(parse_document("a: &x [*x]\n")); }

TEST(Document, IsOneAndNotEmpty) {
  EXPECT_FALSE(parse_document(""));
  EXPECT_FALSE(parse_document("# nothing\n"));
  EXPECT_FALSE(parse_document("a: 1\n---\nb: 2\n"));
  EXPECT_TRUE(parse_document("---\na: 1\n...\n"));
}

TEST(Document, SaysWhereItIsBroken) {
  const auto document = parse_document("a: 1\nb: [1, 2\n");
  ASSERT_FALSE(document);
  EXPECT_GE(document.error().place.line, 2);
}

TEST(Document, SurvivesDeepNesting) {
  EXPECT_FALSE(parse_document(std::string(100'000, '[')));
  EXPECT_FALSE(parse_document(std::string(100'000, '{')));
}

TEST(Document, IsUtf8WithoutControlCharacters) {
  EXPECT_TRUE(parse_document("a: caf\u00e9 \u20ac \U0001F600\n"));
  for (const std::string bad : {"\xe9", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                "\xff", "\x04", "\x1b", "\x7f", "\xe2\x82"}) {
    const auto document = parse_document("a: 1\nb: " + bad + "\n");
    ASSERT_FALSE(document) << testing::PrintToString(bad);
    EXPECT_EQ(document.error().place.line, 2);
    EXPECT_EQ(document.error().place.column, 4);
  }
  EXPECT_FALSE(parse_document(std::string("a: 1\0\nb: 2\n", 11)));
}

}  // namespace
}  // namespace sluice::config
