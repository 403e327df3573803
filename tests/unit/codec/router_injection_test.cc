// Whatever stands in a record, its request stays at its target's origin and below its path, and no
// header becomes two; or the record goes nowhere.
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/router.h"
#include "support/records.h"

namespace sluice::codec {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBefore = "/v1/users/";
constexpr std::string_view kAfter = "/events";

std::string in_json(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') {
      json += c;
    } else {
      json += "\\u00";
      json += kHex[byte >> 4U];
      json += kHex[byte & 0xfU];
    }
  }
  return json + '"';
}

// A record with `value` in each of the places that a template can name.
test::TestRecord everywhere(std::string_view value) {
  return {7,
          "{\"id\":" + in_json(value) + "}",
          std::string(value),
          {{"tenant", std::string(value)}},
          -1};
}

// Where the record goes, or why it goes nowhere.
struct Gone {
  std::optional<Route> route;
  std::string detail;
};
Gone route(Router& router, test::TestRecord record) {
  Route to;
  const RecordView view = record.view();
  const auto rejection = router.route(view, {"events", 3}, view.value.value_or(""), to);
  if (!rejection) return {std::move(to), ""};
  EXPECT_EQ(rejection->reason, DeadLetterReason::unroutable);
  return {std::nullopt, rejection->detail};
}

const std::vector<std::string> kPlaceholders = {"{key}", "{header:tenant}", "{/id}"};

Router to_path(const std::string& placeholder) {
  const std::string path = std::string(kBefore) + placeholder + std::string(kAfter);
  return {TextTemplate::parse(path).value(), {}};
}

Router to_header(const std::string& text) {
  return {TextTemplate::parse("/v1").value(), {TextTemplate::parse(text).value()}};
}

struct Way {
  std::string_view value;
  std::string_view segment;
};

TEST(RouterInjection, AValueIsNoMoreThanOneSegmentOfItsPath) {
  const std::vector<Way> ways = {
      {"//evil.test", "%2F%2Fevil.test"},
      {"/\\evil.test", "%2F%5Cevil.test"},
      {"\\\\evil.test", "%5C%5Cevil.test"},
      {"@evil.test", "%40evil.test"},
      {":80@evil.test", "%3A80%40evil.test"},
      {"https://evil.test/", "https%3A%2F%2Fevil.test%2F"},
      {"../../admin", "..%2F..%2Fadmin"},
      {"..;", "..%3B"},
      {"...", "..."},
      {"%2e%2e", "%252e%252e"},
      {"%2e%2e%2fadmin", "%252e%252e%252fadmin"},
      {"?admin=1", "%3Fadmin%3D1"},
      {"#x", "%23x"},
      {"a b", "a%20b"},
      {"a\r\nHost: evil.test\r\n\r\n", "a%0D%0AHost%3A%20evil.test%0D%0A%0D%0A"},
      {"\t\x1b[2J\x7f", "%09%1B%5B2J%7F"},
      {"\0"sv, "%00"},
      {"{key}", "%7Bkey%7D"},
      {"\"'<>`|^", "%22%27%3C%3E%60%7C%5E"},
      {"\u00e9", "%C3%A9"},
      {"\u202egnp.exe", "%E2%80%AEgnp.exe"},
      {"\u2028", "%E2%80%A8"},
      {"\uff0e\uff0e\uff0f", "%EF%BC%8E%EF%BC%8E%EF%BC%8F"},
  };
  for (const std::string& placeholder : kPlaceholders) {
    Router router = to_path(placeholder);
    for (const Way& way : ways) {
      const Gone gone = route(router, everywhere(way.value));
      ASSERT_TRUE(gone.route) << placeholder << way.value << gone.detail;
      EXPECT_EQ(gone.route->path, std::string(kBefore).append(way.segment).append(kAfter))
          << placeholder;
    }
  }
}

TEST(RouterInjection, AnyByteInAPathIsALetterADigitOrEncoded) {
  Router router = to_path("{key}");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value(1, static_cast<char>(byte));
    const Gone gone = route(router, {7, "{}", "x" + value, {}, -1});
    ASSERT_TRUE(gone.route) << byte;
    const std::string_view path = gone.route->path;
    const auto segment = path.substr(kBefore.size(), path.size() - kBefore.size() - kAfter.size());
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || "-._~"sv.find(value) != ""sv.npos);
    EXPECT_EQ(segment.size(), plain ? 2U : 4U) << byte;
    EXPECT_EQ(segment.find_first_not_of(
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%"),
              segment.npos)
        << byte;
  }
}

TEST(RouterInjection, WhatCouldBeTakenForAnotherPathGoesNowhere) {
  const std::vector<std::pair<std::string, std::string>> ways = {
      {"..", "its path would have a . or .. segment"},
      {".", "its path would have a . or .. segment"},
      {std::string(10'000, 'a'), "its path would be longer than 4096 bytes"},
      {std::string(1'500, '/'), "its path would be longer than 4096 bytes"},
  };
  for (const std::string& placeholder : kPlaceholders) {
    Router router = to_path(placeholder);
    for (const auto& [value, why] : ways) {
      EXPECT_EQ(route(router, everywhere(value)).detail, why) << placeholder;
    }
    const std::string none = route(router, everywhere("")).detail;
    EXPECT_TRUE(none.starts_with("it has no ") && none.ends_with(" for its path")) << none;
  }
}

// Two values side by side are a segment together.
TEST(RouterInjection, NoTwoValuesMakeADotSegmentTogether) {
  Router router = to_path("{key}{header:tenant}");
  EXPECT_EQ(route(router, everywhere(".")).detail, "its path would have a . or .. segment");
  Router encoded = to_path("%2e{key}");
  EXPECT_EQ(route(encoded, everywhere(".")).detail, "its path would have a . or .. segment");
}

TEST(RouterInjection, AHeaderIsOneLineOrTheRecordGoesNowhere) {
  const std::array<std::string_view, 8> breaks = {
      "a\r\nX-Admin: 1"sv, "a\nX-Admin: 1"sv, "a\rX-Admin: 1"sv, "a\r\n\r\n[]"sv, "a\0b"sv,
      "\x1b[2J"sv,         "a\x7f"sv,         "a\vb"sv};
  for (const std::string& placeholder : kPlaceholders) {
    Router router = to_header("t-" + placeholder);
    for (const std::string_view value : breaks) {
      EXPECT_EQ(route(router, everywhere(value)).detail, "its header would not be one line")
          << placeholder << value;
    }
    EXPECT_EQ(route(router, everywhere(std::string(10'000, 'a'))).detail,
              "its header would be longer than 4096 bytes");
    const std::string none = route(router, everywhere("")).detail;
    EXPECT_TRUE(none.starts_with("it has no ") && none.ends_with(" for a header")) << none;
  }
}

TEST(RouterInjection, WhatBreaksNoLineIsInTheHeaderAsItIs) {
  for (const std::string& placeholder : kPlaceholders) {
    Router router = to_header("t-" + placeholder);
    for (const std::string_view value :
         {"a: b, c; d=\"e\"", "{key}", "\u00e9\u202e\u2028", "\\r\\n", "%0d%0a"}) {
      const Gone gone = route(router, everywhere(value));
      ASSERT_TRUE(gone.route) << placeholder << value << gone.detail;
      EXPECT_EQ(gone.route->headers, std::vector<std::string>{"t-" + std::string(value)});
    }
  }
}

}  // namespace
}  // namespace sluice::codec
