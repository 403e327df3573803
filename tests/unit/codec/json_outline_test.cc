#include "codec/json_outline.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_check.h"
#include "unit/codec/slow_json.h"

namespace sluice::codec {
namespace {

using test::SlowJson;

// One for each processor that simdjson knows, since each finds the outline in its own way.
struct Stage {
  std::string processor;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> of;
};

std::vector<Stage> stages_of_this_machine() {
  std::vector<Stage> stages;
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (!implementation->supported_by_runtime_system()) continue;
    Stage stage{implementation->name(), nullptr};
    EXPECT_EQ(implementation->create_dom_parser_implementation(4096, 1, stage.of),
              simdjson::SUCCESS);
    stages.push_back(std::move(stage));
  }
  return stages;
}

class JsonOutlineTest : public ::testing::Test {
 protected:
  // The answer, which has to be the same on each processor. The outline is looked at beside a copy
  // without a byte too many, so that a sanitizer sees who reads on.
  bool accepts(std::string_view json) {
    const std::string padded = std::string(json) + std::string(JsonCheck::kPadding, '7');
    const std::vector<char> exact(json.begin(), json.end());
    const std::string_view text(exact.data(), exact.size());
    std::size_t accepted = 0;
    for (const Stage& stage : stages_) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(padded.data());
      if (stage.of->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != 0) continue;
      if (outline_is_json(text,
                          {stage.of->structural_indexes.get(), stage.of->n_structural_indexes})) {
        ++accepted;
      }
    }
    EXPECT_TRUE(accepted == 0 || accepted == stages_.size()) << "depends on processor: " << json;
    return accepted > 0;
  }

  const std::vector<Stage> stages_ = stages_of_this_machine();
};

#ifdef __x86_64__
TEST_F(JsonOutlineTest, IsFoundOnEachProcessorThatSimdjsonKnowsHere) {
  ASSERT_GE(stages_.size(), 2U);
  EXPECT_EQ(stages_.back().processor, "fallback");
}
#endif

TEST_F(JsonOutlineTest, AcceptsObjectsAndArrays) {
  for (const std::string_view json :
       {"{}", "[]", " [ ] ", R"({"a":1})", R"([1,-0.5e+10,"x",true,false,null,{},[[]]])",
        R"({"a":{"b":[{"c":"d"},[]]},"e":"f"})", "\r\n\t{\"a\" : [ 1 , 2 ] , \"b\" : 0 }\n",
        R"(["\"\\\/\b\f\n\r\t","\u00e9\uFFFF\uD7ff\ue000"])", "[\"M\xC3\xA1laga\"]", "[1e400]",
        "[0.5E-3]", R"(["\ud83d\uDE00\udbff\udfff"])"}) {
    EXPECT_TRUE(accepts(json)) << json;
  }
}

TEST_F(JsonOutlineTest, LeavesToOthersWhatItCannotSay) {
  const std::string deep(64, '[');
  const std::string ends(64, ']');
  EXPECT_TRUE(accepts(deep + ends));
  EXPECT_FALSE(accepts(deep + "[]" + ends));
  for (const std::string_view json : {"1", "\"a\"", "true", "null", "-1.5e3"}) {
    ASSERT_TRUE(SlowJson::is_json(json));
    EXPECT_FALSE(accepts(json)) << json;
  }
}

TEST_F(JsonOutlineTest, RefusesWhatDoesNotEndOrBeginsTwice) {
  for (const std::string_view json :
       {"",        " ",        "[",         "{",      "[1",        "[t",      "[tru", "[true",
        "[nul",    "[f",       "[-",        "[1.",    "[1e",       "[\"\"",   "[1,",  "{\"a\"",
        "{\"a\":", "{\"a\":1", "{\"a\":1,", "[[]",    "{\"a\":{}", "[]]",     "{}}",  "[],[]",
        "1,[]",    "\"a\",{}", "1[]",       "true{}", "[]1",       "{}\"a\"", ",[]",  ":{}"}) {
    EXPECT_FALSE(accepts(json)) << json;
  }
}

TEST_F(JsonOutlineTest, RefusesHalfASurrogatePairHoweverItIsWritten) {
  for (const std::string_view json :
       {R"(["\ud800"])", R"(["\uD800"])", R"(["\uDFFF"])", R"(["\udc00\ud800"])",
        R"(["\ud800\ud800"])", R"(["\ud800\ue000"])", R"(["\ud800x"])", R"(["\ud800\n"])",
        R"(["\ud800\udc0"])", R"(["\ud8"])", R"(["\ud80g"])"}) {
    ASSERT_FALSE(SlowJson::is_json(json)) << json;
    EXPECT_FALSE(accepts(json)) << json;
  }
}

// Which bracket closes which is known to the last level.
TEST_F(JsonOutlineTest, TellsObjectsFromArraysAtAnyDepth) {
  for (std::size_t depth = 1; depth < 63; ++depth) {
    std::string opening;
    std::string closing;
    for (std::size_t i = 0; i < depth; ++i) {
      const bool object = (i * i / 3) % 2 == 0;
      opening += object ? "{\"a\":" : "[";
      closing.insert(0, object ? "}" : "]");
    }
    ASSERT_TRUE(accepts(opening + "[]" + closing)) << depth;
    for (std::size_t i = 0; i < closing.size(); ++i) {
      std::string wrong = closing;
      wrong[i] = wrong[i] == '}' ? ']' : '}';
      ASSERT_FALSE(accepts(opening + "[]" + wrong)) << depth << " at " << i;
    }
  }
}

TEST_F(JsonOutlineTest, RefusesAWrongByteAnywhere) {
  const std::string right = R"({"ab":[12,-3.4e+5,"x\ny",true,false,null,{}],"\u00e9":{"d":[]}})";
  ASSERT_TRUE(accepts(right));
  for (std::size_t i = 0; i < right.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = right;
      text[i] = static_cast<char>(byte);
      ASSERT_TRUE(!accepts(text) || SlowJson::is_json(text)) << text;
      text.insert(i, 1, right[i]);
      ASSERT_TRUE(!accepts(text) || SlowJson::is_json(text)) << text;
    }
  }
}

// All that can be written between two brackets with three of these: what may stand beside what is
// what the grammar is about.
TEST_F(JsonOutlineTest, SaysOfEveryShortTextWhatTheGrammarSays) {
  const std::vector<std::string_view> pieces{
      "{", "}", "[",    "]", ":", ",",  "\"", R"("a")", R"("a":)", "0",  "1",   "-",
      ".", "e", "true", "n", " ", "\n", "\\", R"(\")",  R"(\u0)",  "\f", "\x1A"};
  std::size_t accepted = 0;
  std::vector<std::string> texts{""};
  for (int length = 1; length <= 3; ++length) {
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      for (const std::string_view piece : pieces) longer.push_back(text + std::string(piece));
    }
    texts = std::move(longer);
    for (const std::string& text : texts) {
      for (const std::string& json : {"[" + text + "]", "{" + text + "}"}) {
        const bool expected = SlowJson::is_json(json);
        accepted += expected;
        ASSERT_EQ(accepts(json), expected) << json;
      }
    }
  }
  EXPECT_GT(accepted, 200U);
}

}  // namespace
}  // namespace sluice::codec
