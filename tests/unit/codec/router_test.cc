#include "codec/router.h"

#include <gtest/gtest.h>

#include "support/records.h"

namespace sluice::codec {
namespace {

class RouterTest : public testing::Test {
 protected:
  static std::vector<TextTemplate> parsed(const std::vector<std::string>& texts) {
    std::vector<TextTemplate> templates;
    for (const auto& text : texts) templates.push_back(TextTemplate::parse(text).value());
    return templates;
  }

  static Router make(std::string_view path, const std::vector<std::string>& headers = {},
                     const std::vector<std::string>& group_by = {}) {
    return {TextTemplate::parse(path).value(), parsed(headers), parsed(group_by)};
  }

  static std::vector<std::string> group_of(Router& router, test::TestRecord record) {
    Route route;
    const RecordView view = record.view();
    EXPECT_FALSE(router.route(view, {"events", 3}, view.value.value_or(""), route));
    return route.group;
  }

  // The route, or why there is none.
  static std::string path_of(Router& router, test::TestRecord record) {
    Route route;
    const RecordView view = record.view();
    const auto rejection = router.route(view, {"events", 3}, view.value.value_or(""), route);
    if (!rejection) return route.path;
    EXPECT_EQ(rejection->reason, DeadLetterReason::unroutable);
    return rejection->detail;
  }

  static test::TestRecord with_value(std::string value) {
    return {7, std::move(value), {}, {}, 1700000000123};
  }
  static test::TestRecord with_key(std::string key) { return {7, "{}", std::move(key), {}, -1}; }
};

TEST_F(RouterTest, WithoutPlaceholdersTheRouteIsFixed) {
  const Router router = make("/events", {"a", "b"});
  EXPECT_TRUE(router.fixed());
  EXPECT_EQ(router.fixed_route(), (Route{"/events", {"a", "b"}}));
}

TEST_F(RouterTest, APlaceholderInAHeaderMakesTheRouteEachRecordsOwn) {
  EXPECT_FALSE(make("/events", {"{key}"}).fixed());
}

TEST_F(RouterTest, PathsAndGroupsOfTheirOwnGroupRecordsAndHeadersDoNot) {
  EXPECT_FALSE(make("/events").groups());
  EXPECT_FALSE(make("/events", {"{key}"}).groups());
  EXPECT_TRUE(make("/{key}").groups());
  const Router by_key = make("/events", {}, {"{key}"});
  EXPECT_TRUE(by_key.groups());
  EXPECT_FALSE(by_key.fixed());
}

TEST_F(RouterTest, GroupsByWhatStandsInTheRecord) {
  Router router = make("/events", {}, {"{/user/id}", "{key}", "{header:tenant}"});
  test::TestRecord record{7, R"({"user":{"id":1.50}})", "a/b c", {{"tenant", "x"}}, -1};
  EXPECT_EQ(group_of(router, record), (std::vector<std::string>{"1.50", "a/b c", "x"}))
      << "as it is written: it goes nowhere";
}

TEST_F(RouterTest, WhatIsMissingToGroupByIsAGroupToo) {
  Router router = make("/events", {}, {"{/id}", "{key}", "{header:tenant}"});
  EXPECT_EQ(group_of(router, {7, "{}", {}, {}, -1}), (std::vector<std::string>{"", "", ""}));
  EXPECT_EQ(group_of(router, {8, R"({"id":null})", "", {{"tenant", std::nullopt}}, -1}),
            (std::vector<std::string>{"", "", ""}));
}

TEST_F(RouterTest, TheGroupOfOneRecordLeavesNothingForTheNext) {
  Router router = make("/events", {}, {"{/id}"});
  Route route;
  EXPECT_FALSE(router.route({}, {"events", 3}, R"({"id":"first"})", route));
  EXPECT_FALSE(router.route({}, {"events", 3}, "{}", route));
  EXPECT_EQ(route.group, std::vector<std::string>{""});
}

TEST_F(RouterTest, FillsInWhereTheRecordComesFrom) {
  Router router = make("/{topic}/{partition}/{offset}/{timestamp}");
  EXPECT_EQ(path_of(router, with_value("{}")), "/events/3/7/1700000000123");
}

TEST_F(RouterTest, TakesValuesAsTheyAreWritten) {
  Router router = make("/{/a/0}/{/b}/{/c}/{/d}");
  EXPECT_EQ(
      path_of(router, with_value(R"({"a":["x y"],"b":-12345678901234567890,"c":1.50,"d":true})")),
      "/x%20y/-12345678901234567890/1.50/true");
}

TEST_F(RouterTest, EncodesWhatWouldChangeThePath) {
  Router router = make("/users/{key}/events");
  EXPECT_EQ(path_of(router, with_key("a/../b?c#d%2e")), "/users/a%2F..%2Fb%3Fc%23d%252e/events");
}

TEST_F(RouterTest, NeverMakesADotSegment) {
  Router router = make("/users/{key}");
  const std::string why = "its path would have a . or .. segment";
  EXPECT_EQ(path_of(router, with_key("..")), why);
  EXPECT_EQ(path_of(router, with_key(".")), why);
  Router half = make("/users/.{key}");
  EXPECT_EQ(path_of(half, with_key(".")), why);
}

TEST_F(RouterTest, ARecordWithoutTheValueGoesNowhere) {
  Router by_pointer = make("/{/id}");
  const std::string why = "it has no value at /id for its path";
  for (const char* value :
       {"{}", R"({"id":null})", R"({"id":""})", R"({"id":{}})", R"({"id":[]})", "1"}) {
    EXPECT_EQ(path_of(by_pointer, with_value(value)), why) << value;
  }
  Router by_key = make("/{key}");
  EXPECT_EQ(path_of(by_key, with_value("{}")), "it has no key for its path");
  Router by_time = make("/{timestamp}");
  EXPECT_EQ(path_of(by_time, with_key("k")), "it has no timestamp for its path");
  Router by_header = make("/x", {"{header:tenant}"});
  EXPECT_EQ(path_of(by_header, with_value("{}")), "it has no header tenant for a header");
}

TEST_F(RouterTest, AHeadersValueIsOneLine) {
  Router router = make("/x", {"t-{key}"});
  EXPECT_EQ(path_of(router, with_key("a\r\nx-admin: 1")), "its header would not be one line");
  EXPECT_EQ(path_of(router, with_key(std::string("a\0b", 3))), "its header would not be one line");
  Route route;
  auto record = with_key("a b/ü");
  EXPECT_FALSE(router.route(record.view(), {"events", 3}, "{}", route));
  EXPECT_EQ(route.headers, (std::vector<std::string>{"t-a b/ü"})) << "not encoded as in a path";
}

TEST_F(RouterTest, AHeadersValueHasNoBlanksAtItsEnds) {
  Router router = make("/x", {"{key}"});
  for (const char* key : {" ", "a ", " a", "\ta", "a\t"}) {
    EXPECT_EQ(path_of(router, with_key(key)), "its header would begin or end with a blank") << key;
  }
  EXPECT_EQ(path_of(router, with_key("a b")), "/x");
}

TEST_F(RouterTest, ANumberTooBigForAnythingHidesNothing) {
  Router router = make("/{/id}");
  EXPECT_EQ(path_of(router, with_value(R"({"n":1e99999,"id":"a"})")), "/a");
}

// Whoever reads the body may take the other one.
TEST_F(RouterTest, ANameThatStandsTwiceIsNoValue) {
  Router router = make("/{/user/id}");
  const std::string why = "it has no value at /user/id for its path";
  EXPECT_EQ(path_of(router, with_value(R"({"user":{"id":"a","id":"b"}})")), why);
  EXPECT_EQ(path_of(router, with_value(R"({"user":{"id":"a"},"user":{"id":"a"}})")), why);
  EXPECT_EQ(path_of(router, with_value(R"({"x":1,"x":2,"user":{"id":"a"}})")), "/a");
}

TEST_F(RouterTest, PathsAndHeadersHaveABound) {
  Router router = make("/{key}");
  EXPECT_EQ(path_of(router, with_key(std::string(Router::kLongest, 'a'))),
            "its path would be longer than 4096 bytes");
}

TEST_F(RouterTest, WhatIsNoJsonIsCalledThat) {
  Router router = make("/{/id}");
  Route route;
  const auto rejection = router.route({}, {"events", 3}, R"({"id":1)", route);
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->reason, DeadLetterReason::not_json);
}

TEST_F(RouterTest, TheRouteOfOneRecordLeavesNothingForTheNext) {
  Router router = make("/{/id}", {"{/id}"});
  EXPECT_EQ(path_of(router, with_value(R"({"id":"first"})")), "/first");
  EXPECT_EQ(path_of(router, with_value(R"({"id":2})")), "/2");
}

}  // namespace
}  // namespace sluice::codec
