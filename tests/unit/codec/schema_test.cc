#include "codec/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "support/temp_dir.h"

namespace sluice::codec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Result<std::unique_ptr<Schema>> load(std::string_view text) {
  const test::TempDir folder;
  const std::string path = folder.path() / "schema.json";
  std::ofstream(path, std::ios::binary) << text;
  return Schema::load(path);
}

// What loading says; "loads" if it does.
std::string load_error(std::string_view text) {
  const auto schema = load(text);
  return schema ? "loads" : schema.error().text();
}

// The detail of the rejection; "" if the record is of the schema.
std::string violation(std::string_view schema_text, std::string_view record) {
  auto schema = load(schema_text);
  if (!schema) {
    ADD_FAILURE() << schema.error().text();
    return "";
  }
  const auto rejection = (*schema)->check(record);
  if (!rejection) return "";
  EXPECT_EQ(rejection->reason, DeadLetterReason::schema);
  return rejection->detail;
}

constexpr std::string_view kDeposit = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "required": ["account_id", "amount"],
  "properties": {
    "account_id": {"type": "string", "minLength": 1},
    "amount": {"type": "number", "exclusiveMinimum": 0},
    "event_time": {"type": "string", "format": "date-time"},
    "items": {"type": "array", "items": {"$ref": "#/definitions/item"}}
  },
  "definitions": {"item": {"type": "object", "required": ["sku"]}}
})";

TEST(SchemaTest, PassesARecordOfTheSchema) {
  EXPECT_EQ(violation(kDeposit, R"({"account_id":"a","amount":10.5,"more":[1],
      "event_time":"2026-04-01T10:00:00Z","items":[{"sku":1}]})"),
            "");
}

TEST(SchemaTest, NamesThePlaceAndTheRule) {
  EXPECT_EQ(violation(kDeposit, R"({"account_id":"a"})"),
            "(the record): Missing required property 'amount'");
  EXPECT_EQ(violation(kDeposit, R"({"account_id":"a","amount":"5"})"),
            "/amount: must be of type number");
  EXPECT_EQ(violation(kDeposit, R"({"account_id":"a","amount":1,"event_time":"2026-04-01 10:00"})"),
            "/event_time: must be a date-time");
  EXPECT_EQ(violation(kDeposit, R"({"account_id":"a","amount":1,"items":[{"sku":1},{}]})"),
            "/items/1: Missing required property 'sku'");
  EXPECT_EQ(violation("{\"type\":\"object\"}", "7"), "(the record): must be of type object");
  EXPECT_EQ(violation(R"({"properties":{"a/b~c":{"type":["null","string"]}}})", R"({"a/b~c":1})"),
            "/a~1b~0c: must be of type null or string");
}

TEST(SchemaTest, NeverRepeatsTheRecord) {
  constexpr std::string_view kStrict =
      R"({"properties":{"a":{"enum":[1],"const":2,"pattern":"^x$","format":"date","maxLength":2},
          "o":{"additionalProperties":false}},"additionalProperties":{"type":"null"}})";
  for (const char* record : {R"({"a":"geheim"})", R"({"o":{"geheim":1}})", R"({"b":"geheim"})"}) {
    const std::string detail = violation(kStrict, record);
    EXPECT_THAT(detail, Not(HasSubstr("geheim"))) << record;
    EXPECT_NE(detail, "") << record;
  }
}

TEST(SchemaTest, JudgesByEveryKeyword) {
  struct Case {
    const char* schema;
    const char* good;
    const char* bad;
  };
  for (const Case& c : {
           Case{R"({"type":"integer"})", "5", "5.5"},
           Case{R"({"type":"integer"})", "5.0", "\"5\""},
           Case{R"({"type":"integer"})", "123456789012345678901234567890", "true"},
           Case{R"({"type":["boolean","null"]})", "null", "0"},
           Case{R"({"enum":[1,"a",{"b":[2]}]})", R"({"b":[2.0]})", "2"},
           Case{R"({"const":null})", "null", "0"},
           Case{R"({"minimum":2,"maximum":4})", "4", "5"},
           Case{R"({"minimum":0})", "9223372036854775808", "-1"},
           Case{R"({"maximum":9223372036854775807})", "1", "18446744073709551615"},
           Case{R"({"exclusiveMaximum":4})", "3", "4"},
           Case{R"({"maximum":4,"exclusiveMaximum":true})", "3", "4"},
           Case{R"({"minimum":4,"exclusiveMinimum":false})", "4", "3"},
           Case{R"({"multipleOf":0.01})", "10.55", "10.555"},
           Case{R"({"multipleOf":5})", "10", "10.5"},
           Case{R"({"multipleOf":5})", "1e300", "12"},
           Case{R"({"minLength":2,"maxLength":3})", "\"\u00e9\u00e9\u00e9\"", "\"a\""},
           Case{R"({"pattern":"^\\d+$"})", "\"12\"", "\"1a\""},
           Case{R"({"pattern":"b"})", "\"abc\"", "\"ac\""},
           Case{R"({"format":"date"})", "\"2026-04-01\"", "\"2026-04-31\""},
           Case{R"({"format":"date"})", "5", "\"\""},
           Case{R"({"format":"time"})", "\"10:00:00Z\"", "\"10:00\""},
           Case{R"({"items":{"type":"number"}})", "[1,2]", "[1,\"a\"]"},
           Case{R"({"items":[{"type":"number"}],"additionalItems":false})", "[1]", "[1,2]"},
           Case{R"({"minItems":1,"maxItems":2})", "[1]", "[]"},
           Case{R"({"uniqueItems":true})", R"([1,"1",[1],{"a":1,"b":2}])", "[1,1.0]"},
           Case{R"({"uniqueItems":true})", "[[],{},null,false,\"\"]",
                R"([{"a":1,"b":2},{"b":2,"a":1}])"},
           Case{R"({"uniqueItems":false})", "[1,1]", nullptr},
           Case{R"({"contains":{"const":1}})", "[0,1]", "[0]"},
           Case{R"({"required":["a"]})", R"({"a":null})", "{}"},
           Case{R"({"minProperties":1,"maxProperties":1})", R"({"a":1})", "{}"},
           Case{R"({"properties":{"a":true},"additionalProperties":false})", R"({"a":1})",
                R"({"b":1})"},
           Case{R"({"patternProperties":{"^n_":{"type":"number"}}})", R"({"n_a":1,"b":"c"})",
                R"({"n_a":"1"})"},
           Case{R"({"propertyNames":{"pattern":"^[a-z]+$"}})", R"({"abc":1})", R"({"A1":1})"},
           Case{R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})", R"({"a":1,"b":1})",
                R"({"c":1})"},
           Case{R"({"allOf":[{"type":"number"},{"minimum":1}]})", "1", "0"},
           Case{R"({"anyOf":[{"type":"string"},{"minimum":1}]})", "\"\"", "0"},
           Case{R"({"oneOf":[{"type":"number"},{"minimum":1}]})", "0", "1"},
           Case{R"({"not":{"type":"number"}})", "\"\"", "1"},
           Case{R"({"if":{"type":"number"},"then":{"minimum":1},"else":{"type":"null"}})", "1",
                "0"},
           Case{R"({"properties":{"type":{"type":"string"},"id":{"const":1}}})",
                R"({"type":"x","id":1})", R"({"type":1})"},
           Case{R"({"properties":{"a":{"$ref":"#"}},"required":["k"]})", R"({"k":1,"a":{"k":1}})",
                R"({"k":1,"a":{}})"},
           Case{R"({"id":"http://x/y.json","properties":{"a":{"$ref":"#/definitions/b%25"}},
                    "definitions":{"b%":{"const":1}}})",
                R"({"a":1})", R"({"a":2})"},
           Case{"true", "1", nullptr},
           Case{"false", nullptr, "1"},
       }) {
    if (c.good != nullptr) {
      EXPECT_EQ(violation(c.schema, c.good), "") << c.schema;
    }
    if (c.bad != nullptr) {
      EXPECT_NE(violation(c.schema, c.bad), "") << c.schema;
    }
  }
}

TEST(SchemaTest, TakesANumberNoDoubleHoldsForTheLargestOne) {
  const std::string big(400, '9');
  EXPECT_EQ(violation(R"({"items":{"type":"number","minimum":0}})", "[1e400,0e999,1e-400,1]"), "");
  EXPECT_EQ(violation(R"({"type":"integer"})", big), "");
  EXPECT_THAT(violation(R"({"maximum":5})", big), HasSubstr("less than"));
  EXPECT_THAT(violation(R"({"minimum":5})", "-1e400"), HasSubstr("greater than"));
  EXPECT_EQ(violation(R"({"properties":{"s":{"const":"1e400"}}})", R"({"s":"1e400","n":1e400})"),
            "");
}

TEST(SchemaTest, RefusesDeeperRecordsThanItCanJudge) {
  constexpr std::string_view kTree =
      R"({"allOf":[{"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"number"}]}]})";
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(violation(kTree, nested(512)), "");
  EXPECT_EQ(violation(kTree, nested(513)), "(the record): nested deeper than 512");
  EXPECT_EQ(violation(kTree, nested(100'000)), "(the record): nested deeper than 512");
}

TEST(SchemaTest, SurvivesRecordsMadeToHurtIt) {
  const std::string text(1'000'000, 'a');
  EXPECT_THAT(violation(R"({"pattern":"^(a|aa)*$"})", '"' + text + '"'), HasSubstr("8192"));
  EXPECT_NE(violation(R"({"pattern":"^(a|a)*b$"})", '"' + text.substr(0, 200) + '"'), "");
  EXPECT_THAT(violation(R"({"patternProperties":{"^(a|aa)*$":true}})", "{\"" + text + "\":1}"),
              HasSubstr("too long"));
  EXPECT_NE(violation(R"({"format":"date-time"})", '"' + std::string(1'000'000, '1') + '"'), "");
  std::string items = "[0";
  for (int i = 1; i < 20'000; ++i) items += "," + std::to_string(i);
  EXPECT_EQ(violation(R"({"uniqueItems":true})", items + "]"), "");
  EXPECT_EQ(violation(R"({"items":{"type":"null"}})", items + "]"),
            "(the record): not of the schema (too many values to say where)");
}

TEST(SchemaTest, BoundsThePointer) {
  const std::string key(100'000, 'k');
  EXPECT_LT(violation(R"({"additionalProperties":{"type":"null"}})", "{\"" + key + "\":1}").size(),
            400U);
}

TEST(SchemaLoadTest, NamesAFileThatCannotBeRead) {
  for (const std::string path : {"/nonexistent/schema.json", "/"}) {
    const auto schema = Schema::load(path);
    ASSERT_FALSE(schema);
    EXPECT_THAT(schema.error().cause, StartsWith("cannot read the schema " + path + ": "));
    EXPECT_NE(schema.error().remedy, "");
  }
}

TEST(SchemaLoadTest, SaysWhatIsWrongInTheFile) {
  struct Case {
    const char* schema;
    const char* why;
  };
  for (const Case& c : {
           Case{"", "not JSON, no value at byte 0"},
           Case{"{\"type\": }", "not JSON, a wrong value at byte 9"},
           Case{"[]", "top level: a schema must be an object, true or false"},
           Case{R"({"properties":{"a":5}})", "/properties/a: a schema must be"},
           Case{R"({"properties":[]})", "/properties: must be an object"},
           Case{R"({"allOf":{}})", "/allOf: must be a list"},
           Case{R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})",
                "drafts 4, 6 and 7"},
           Case{R"({"$schema":"http://json-schema.org/draft-03/schema#"})", "drafts 4, 6 and 7"},
           Case{R"({"type":"text"})", "'type' must be"},
           Case{R"({"type":[1]})", "'type' must be"},
           Case{R"({"pattern":"("})", "'pattern' ( cannot be used"},
           Case{R"({"pattern":"(a)\\1"})", "cannot be used"},
           Case{R"({"patternProperties":{"(":true}})", "/patternProperties: ( cannot be used"},
           Case{R"({"multipleOf":0})", "'multipleOf' must be a number above 0"},
           Case{R"({"multipleOf":"1"})", "'multipleOf' must be a number above 0"},
           Case{R"({"uniqueItems":1})", "'uniqueItems' must be true or false"},
           Case{R"({"format":1})", "'format' must be a string"},
           Case{R"({"required":"a"})", "not an array"},
           Case{R"({"minLength":"a"})", "minLength"},
           Case{R"({"$ref":"other.json"})", "/$ref: only references within the file"},
           Case{R"({"items":{"$ref":"http://x/y#/a"}})", "/items/$ref: only references within"},
           Case{R"({"items":{"$ref":5}})", "/items/$ref: only references within"},
           Case{R"({"items":{"$ref":"#/definitions/a"}})", "#/definitions/a names nothing"},
           Case{R"({"$ref":"#"})", "refers to itself"},
           Case{R"({"anyOf":[{"not":{"$ref":"#"}}]})", "refers to itself"},
           Case{R"({"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},
                    "b":{"allOf":[{"$ref":"#/definitions/a"}]}}})",
                "refers to itself"},
       }) {
    EXPECT_THAT(load_error(c.schema), HasSubstr(c.why)) << c.schema;
  }
}

}  // namespace
}  // namespace sluice::codec
