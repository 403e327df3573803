#include "codec/json_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "codec/json_grammar.h"
#include "unit/codec/slow_json.h"

namespace sluice::codec {
namespace {

using test::SlowJson;
using ::testing::HasSubstr;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// What may follow a value in the body: the proof must not look at it.
const std::vector<std::string> kPaddings{
    std::string(JsonCheck::kPadding, '\0'),  std::string(JsonCheck::kPadding, '7'),
    std::string(JsonCheck::kPadding, '"'),   std::string(JsonCheck::kPadding, ']'),
    std::string(JsonCheck::kPadding, '}'),   std::string(JsonCheck::kPadding, ' '),
    std::string(JsonCheck::kPadding, '\\'),  repeat("e9", JsonCheck::kPadding / 2),
    repeat("rue\"", JsonCheck::kPadding / 4)};

class JsonCheckTest : public ::testing::Test {
 protected:
  // The answer, which has to be the same whatever follows.
  bool accepts(std::string_view json) {
    std::size_t accepted = 0;
    for (const std::string& padding : kPaddings) {
      const std::string padded = std::string(json) + padding;
      if (!check_.check(std::string_view(padded).substr(0, json.size()))) ++accepted;
    }
    EXPECT_TRUE(accepted == 0 || accepted == kPaddings.size()) << "depends on padding: " << json;
    return accepted > 0;
  }

  std::string why_not(std::string_view json) {
    const std::string padded = std::string(json) + std::string(JsonCheck::kPadding, ' ');
    const auto rejection = check_.check(std::string_view(padded).substr(0, json.size()));
    if (!rejection) return "accepted";
    EXPECT_EQ(rejection->reason, DeadLetterReason::not_json);
    return rejection->detail;
  }

  JsonCheck check_;
};

const std::vector<std::string> kValid{
    "0", "-0", "7", "1.5", "1e5", "1E-5", "-1.25e+10", "true", "false", "null", "\"\"", "[]", "{}",
    " [ 1 , 2 ]\r\n\t", R"({"a":{"b":[1,"x",null]},"a":2})", R"("\u00e9\"\\\/\b\f\n\r\t")",
    R"("\ud83d\ude00")", "\"\xF0\x9F\x8E\xB0 \xC3\xA9\"", "\"\x7F\"",
    // What simdjson gives up on.
    "1e400", "-1e400", "1e-400", "[1e999999999999]", "18446744073709551616", "-9223372036854775809",
    "[123456789012345678901234567890, \"12345\\u0031\"]", "0.1e1234", repeat("9", 400),
    "[" + repeat("9", 5000) + "]", "0." + repeat("3", 2000), "1" + repeat("0", 400) + "e-400"};

const std::vector<std::string> kInvalid{"",
                                        " ",
                                        "\n",
                                        "01",
                                        "-01",
                                        "00",
                                        "1.",
                                        ".5",
                                        "1e",
                                        "1e+",
                                        "1.e5",
                                        "--1",
                                        "+1",
                                        "-",
                                        "0x10",
                                        "1 2",
                                        "[1] 2",
                                        "{} {}",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "[1 2]",
                                        "{",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":1",
                                        "{\"a\":1,",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "{1:1}",
                                        "{\"a\" 1}",
                                        "{,}",
                                        "]",
                                        "}",
                                        "[}",
                                        "tru",
                                        "truex",
                                        "True",
                                        "nul",
                                        "nan",
                                        "NaN",
                                        "Infinity",
                                        "'a'",
                                        "\"",
                                        "\"a",
                                        "\"\\\"",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u12g4\"",
                                        "\"a\nb\"",
                                        "\"\t\"",
                                        "//",
                                        "[1]//",
                                        "/**/1",
                                        R"("\ud800")",
                                        R"("\ud800x")",
                                        R"("\ud800\u0041")",
                                        R"("\udc00")",
                                        R"("\udc00\ud800")",
                                        "\xEF\xBB\xBF{}",
                                        "\xEF\xBB\xBF",
                                        "\"\xC0\x80\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"\xFF\"",
                                        "\"\xC3\"",
                                        "\"\xF4\x90\x80\x80\"",
                                        "\"\xE0\x80\x80\"",
                                        "\xC3\xA9",
                                        "1e400e",
                                        "01e400",
                                        "1.e400",
                                        "[1e400",
                                        "1e400 1",
                                        "[1e400,]",
                                        "{\"a\":1e400,\"b\":}",
                                        "[1e400, 01]",
                                        "[1e400, \"\xFF\"]",
                                        R"([1e400, "\udc00"])",
                                        R"({"\udc00":1e400})",
                                        "1e400x"};

TEST_F(JsonCheckTest, AcceptsEveryFormOfJson) {
  for (const std::string& json : kValid) {
    ASSERT_TRUE(SlowJson::is_json(json)) << json;
    EXPECT_TRUE(accepts(json)) << json;
  }
}

TEST_F(JsonCheckTest, RefusesWhatIsNotJson) {
  for (const std::string& json : kInvalid) {
    ASSERT_FALSE(SlowJson::is_json(json)) << json;
    EXPECT_FALSE(accepts(json)) << json;
  }
}

TEST_F(JsonCheckTest, GivesTheSameAnswerBesideANumberThatSendsItTheSlowWay) {
  for (const std::string& json : kValid) EXPECT_TRUE(accepts("[1e400," + json + "]")) << json;
  for (const std::string& json : kInvalid) {
    EXPECT_FALSE(accepts("[1e400," + json + "]")) << json;
    EXPECT_FALSE(accepts("[" + json + ",1e400]")) << json;
  }
}

TEST_F(JsonCheckTest, RefusesNulWhereverItStands) {
  for (const std::string_view json : {"{}", "[1,2]", "\"ab\"", "1e400", "12", "[1e400,\"a\"]"}) {
    for (std::size_t i = 0; i <= json.size(); ++i) {
      std::string broken(json);
      broken.insert(i, 1, '\0');
      EXPECT_FALSE(accepts(broken)) << json << " with NUL at " << i;
    }
  }
}

TEST_F(JsonCheckTest, RefusesEveryPrefixOfADocument) {
  const std::string json = R"({"a":[1.5e3,true,null,"\u00e9\\"],"b":{"c":18446744073709551616}})";
  for (std::size_t n = 0; n < json.size(); ++n) EXPECT_FALSE(accepts(json.substr(0, n))) << n;
  EXPECT_TRUE(accepts(json));
}

TEST_F(JsonCheckTest, AcceptsAnyDepthWithoutTheStack) {
  for (const std::size_t depth : {1000U, 1025U, 10'000U, 50'000U}) {
    EXPECT_EQ(why_not(repeat("[", depth) + repeat("]", depth)), "accepted") << depth;
    EXPECT_EQ(why_not(repeat("{\"a\":", depth) + "1" + repeat("}", depth)), "accepted") << depth;
    EXPECT_NE(why_not(repeat("[", depth) + repeat("]", depth - 1)), "accepted") << depth;
    EXPECT_NE(why_not(repeat("[", depth)), "accepted") << depth;
  }
}

TEST_F(JsonCheckTest, JudgesDocumentsTooLargeForTheFastParser) {
  const std::string large = "[1" + std::string(5'000'000, '0') + ",\"x\"]";
  EXPECT_EQ(why_not(large), "accepted");
  EXPECT_NE(why_not(large + "]"), "accepted");
}

TEST_F(JsonCheckTest, SaysWhereTheTextIsBroken) {
  EXPECT_EQ(why_not("[1, 2, x]"), "a wrong value at byte 7");
  EXPECT_EQ(why_not(""), "no value at byte 0");
  EXPECT_EQ(why_not("{} {}"), "more than one value at byte 3");
  EXPECT_THAT(why_not("\xEF\xBB\xBF{}"), HasSubstr("at byte 0"));
}

TEST_F(JsonCheckTest, NeverRepeatsThePayload) {
  for (const std::string& json : kInvalid) {
    EXPECT_EQ(why_not("[\"geheim\"," + json).find("geheim"), std::string::npos) << json;
  }
}

// One small change after the other, from documents that touch every rule.
TEST_F(JsonCheckTest, AgreesWithTheSlowModelOnMutatedDocuments) {
  const std::vector<std::string> seeds{
      R"({"id":"e\u00e9\n","n":[0,-1.5e+3,1e400],"t":true,"f":false,"z":null,"o":{"":[]}})",
      R"([1,22,333,4444.5555E-66,"\ud83d\ude00",{"a":"b"},18446744073709551616])",
      "\"\xF0\x9F\x8E\xB0\xC3\xA9\\\\\\\"\""};
  constexpr std::string_view kBytes = "0019-+.eE,:[]{}\"\\u/ tfnaxDd8\n\x01\x7F\xC3\xA9\xED\xF0";
  SeededRandom random(20260401);
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random.next_bits() % n);
  };
  std::size_t valid = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t change = below(3) + 1; change > 0 && !text.empty(); --change) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        case 2:
          text[at] = kBytes[below(kBytes.size())];
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(6)));
          break;
      }
    }
    const bool expected = SlowJson::is_json(text);
    valid += expected;
    ASSERT_EQ(why_not(text) == "accepted", expected) << text;
    ASSERT_EQ(!check_grammar(text), expected) << text;
  }
  EXPECT_GT(valid, 250U);
}

}  // namespace
}  // namespace sluice::codec
