#include "codec/json_pointer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sluice::codec {
namespace {

TEST(JsonPointerTest, ReadsAnIntegerAtItsPlace) {
  EXPECT_EQ(integer_at(R"({"message":"ok","count":500})", "/count"), 500);
  EXPECT_EQ(integer_at(R"({"a":[{"b":-7}]})", "/a/0/b"), -7);
  EXPECT_EQ(integer_at(R"({"a/b":{"~":3}})", "/a~1b/~0"), 3);
  EXPECT_EQ(integer_at(R"({"":4})", "/"), 4);
  EXPECT_EQ(integer_at("12", ""), 12);
  EXPECT_EQ(integer_at("[9223372036854775807]", "/0"), INT64_MAX);
  EXPECT_EQ(integer_at("[-9223372036854775808]", "/0"), INT64_MIN);
}

TEST(JsonPointerTest, TakesAWholeNumberHoweverItIsWritten) {
  EXPECT_EQ(integer_at(R"({"count":500.0})", "/count"), 500);
  EXPECT_EQ(integer_at(R"({"count":5e2})", "/count"), 500);
}

TEST(JsonPointerTest, FindsNothingWhereThereIsNoInteger) {
  for (const char* value : {"\"500\"", "500.5", "true", "null", "[500]", "{}", "1e400",
                            "9223372036854775808", "18446744073709551615", "-1e300"}) {
    EXPECT_EQ(integer_at(std::string("{\"count\":") + value + "}", "/count"), std::nullopt)
        << value;
  }
  EXPECT_EQ(integer_at("{}", "/count"), std::nullopt);
  EXPECT_EQ(integer_at("[1]", "/1"), std::nullopt);
  EXPECT_EQ(integer_at("[1]", "/-"), std::nullopt);
  EXPECT_EQ(integer_at("[1]", "/00"), std::nullopt);
}

TEST(JsonPointerTest, ReadsPastNumbersNoDoubleHolds) {
  const std::string big(400, '9');
  EXPECT_EQ(integer_at("{\"a\":1e400,\"b\":0e999,\"c\":" + big + ",\"s\":\"1e400\",\"n\":5}", "/n"),
            5);
  EXPECT_EQ(integer_at("{\"a\":1e400,\"b\":0e999}", "/b"), 0);
  EXPECT_EQ(integer_at(R"({"k\"1e400":1e400,"n":6})", "/n"), 6);
}

TEST(JsonPointerTest, FindsNothingInWhatIsNotJson) {
  for (const char* text :
       {"", "<html>500</html>", "{\"count\":500", "{\"count\":500}}", "500x", "{\"count\":0500}",
        "\xEF\xBB\xBF{\"count\":500}", "{\"count\":01e400}"}) {
    EXPECT_EQ(integer_at(text, "/count"), std::nullopt) << text;
  }
  EXPECT_EQ(integer_at(std::string_view("{\"count\":5}\0{", 13), "/count"), std::nullopt);
}

TEST(JsonPointerTest, FindsNothingByWhatIsNoPointer) {
  EXPECT_EQ(integer_at(R"({"count":500})", "count"), std::nullopt);
  EXPECT_EQ(integer_at(R"({"count":500})", "/count~2"), std::nullopt);
}

TEST(JsonPointerTest, TakesTheFirstOfTwoEqualKeys) {
  EXPECT_EQ(integer_at(R"({"count":1,"count":2})", "/count"), 1);
}

TEST(JsonPointerTest, SurvivesAHostileDepth) {
  const std::size_t depth = 100'000;
  EXPECT_EQ(integer_at(std::string(depth, '[') + std::string(depth, ']'), "/0/0"), std::nullopt);
  EXPECT_EQ(integer_at(std::string(2 * depth, '['), "/0"), std::nullopt);
}

using Texts = std::vector<std::optional<std::string>>;

TEST(JsonPointerTest, ReadsTextsAsTheyAreWritten) {
  EXPECT_EQ(
      texts_at(R"({"a":"x","b":-0.50,"c":true,"d":false,"e":12345678901234567890123,"f":1e400})",
               {"/a", "/b", "/c", "/d", "/e"}),
      (Texts{"x", "-0.50", "true", "false", "12345678901234567890123"}));
  EXPECT_EQ(texts_at("12", {""}), Texts{"12"});
}

TEST(JsonPointerTest, WhatHasNoOneTextIsNothing) {
  EXPECT_EQ(
      texts_at(R"({"n":null,"l":[1],"m":{},"t":"a","t":"b"})", {"/n", "/l", "/m", "/t", "/x"}),
      Texts(5));
  EXPECT_EQ(texts_at(R"({"a":"x"})", {"a"}), Texts(1));
}

TEST(JsonPointerTest, ReadsTheItemsOfAList) {
  const auto items =
      items_at(R"({"r":[{"i":3,"s":{"code":"400"}},{"i":"x"},7,[]]})", "/r", {"/i", "/s/code"});
  ASSERT_TRUE(items);
  EXPECT_EQ(*items, (std::vector<Texts>{{"3", "400"}, {"x", std::nullopt}, Texts(2), Texts(2)}));
}

TEST(JsonPointerTest, AnItemOfAListMayBeItsOwnText) {
  EXPECT_EQ(items_at("[3,\"a\"]", "", {""}), (std::vector<Texts>{{"3"}, {"a"}}));
  EXPECT_EQ(items_at("[]", "", {""}), std::vector<Texts>{});
}

TEST(JsonPointerTest, FindsNoListInAnythingElse) {
  for (const char* json :
       {"", "{}", R"({"r":{}})", R"({"r":null})", R"({"r":"[]"})", "<r>[]</r>", R"({"r":[1})",
        R"({"r":[]}])", R"({"r":[],"r":[]})", R"({"r":[01e400]})"}) {
    EXPECT_EQ(items_at(json, "/r", {""}), std::nullopt) << json;
  }
  EXPECT_EQ(items_at(R"({"r":[]})", "r", {""}), std::nullopt);
}

TEST(JsonPointerTest, ReadsAListBesideAHostileDepth) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(items_at("{\"d\":" + deep + ",\"r\":[1.0]}", "/r", {"", "/a"}),
            (std::vector<Texts>{{"1.0", std::nullopt}}));
}

}  // namespace
}  // namespace sluice::codec
