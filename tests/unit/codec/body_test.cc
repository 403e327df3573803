#include "codec/body.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace sluice::codec {
namespace {

std::string join(BodyFormat format, const std::vector<std::string>& records, std::size_t first,
                 std::size_t last) {
  std::string out = format == BodyFormat::json_array ? "[" : "";
  for (std::size_t i = first; i < last; ++i) {
    if (format == BodyFormat::json_array && i > first) out += ',';
    out += records[i];
    if (format == BodyFormat::ndjson) out += '\n';
  }
  return out + (format == BodyFormat::json_array ? "]" : "");
}

Body body_of(BodyFormat format, const std::vector<std::string>& records) {
  Body body(format);
  for (const std::string& record : records) body.append(record);
  return body;
}

TEST(BodyTest, JoinsRecordsAsAnArray) {
  Body body = body_of(BodyFormat::json_array, {"{\"a\":1}", "2", "[3]"});
  EXPECT_EQ(body.frame(0, 3), "[{\"a\":1},2,[3]]");
  EXPECT_EQ(body.size(), 15U);
}

TEST(BodyTest, JoinsRecordsAsLines) {
  Body body = body_of(BodyFormat::ndjson, {"{}", "2"});
  EXPECT_EQ(body.frame(0, 2), "{}\n2\n");
  EXPECT_EQ(body.frame(1, 2), "2\n");
}

TEST(BodyTest, SendsOneRecordBare) {
  Body body = body_of(BodyFormat::json, {"{\"a\":1}"});
  EXPECT_EQ(body.frame(0, 1), "{\"a\":1}");
  EXPECT_EQ(body.size(), 7U);
}

TEST(BodyTest, IsEmptyBeforeTheFirstRecord) {
  for (const auto format : {BodyFormat::json_array, BodyFormat::ndjson, BodyFormat::json}) {
    Body body(format);
    EXPECT_EQ(body.size(), 0U);
    EXPECT_EQ(body.records(), 0U);
    EXPECT_EQ(body.capacity(), 0U);
  }
}

TEST(BodyTest, FramesAnyRangeInPlaceAndForgetsTheLastFrame) {
  Body body = body_of(BodyFormat::json_array, {"1", "22", "333", "4444"});
  EXPECT_EQ(body.frame(1, 3), "[22,333]");
  EXPECT_EQ(body.frame(0, 2), "[1,22]");
  EXPECT_EQ(body.frame(3, 4), "[4444]");
  EXPECT_EQ(body.frame(0, 4), "[1,22,333,4444]");
}

TEST(BodyTest, GoesOnGrowingAfterAFrame) {
  Body body = body_of(BodyFormat::json_array, {"1", "2"});
  body.frame(0, 2);
  body.retract_last();
  body.append("[222]");
  EXPECT_EQ(body.frame(0, 2), "[1,[222]]");
}

TEST(BodyTest, KeepsARecordVerbatimUntilItIsMinified) {
  Body body(BodyFormat::ndjson);
  EXPECT_EQ(body.append("{\r\n \"a\":\n1}\n"), "{\r\n \"a\":\n1}\n");
  EXPECT_EQ(body.minify_last(), "{ \"a\":1}");
  body.append("[1,\r2]");
  EXPECT_EQ(body.minify_last(), "[1,2]");
  body.append("2");
  EXPECT_EQ(body.minify_last(), "2");
  EXPECT_EQ(body.frame(0, 3), "{ \"a\":1}\n[1,2]\n2\n");
}

TEST(BodyTest, MinifiesLinesOnly) {
  Body body = body_of(BodyFormat::json_array, {"[1,\n2]"});
  EXPECT_EQ(body.minify_last(), "[1,\n2]");
}

TEST(BodyTest, LeavesReadablePaddingBehindEveryRecord) {
  for (const auto format : {BodyFormat::json_array, BodyFormat::ndjson, BodyFormat::json}) {
    for (const std::size_t length : {0U, 1U, 63U, 64U, 1000U}) {
      Body body(format);
      const auto record = body.append(std::string(length, 'x'));
      // AddressSanitizer is the judge.
      const auto sum = std::accumulate(record.data(), record.data() + length + Body::kPadding, 0,
                                       [](int all, char c) { return all ^ (c & 1); });
      EXPECT_LE(sum, 1);
    }
  }
}

TEST(BodyTest, StaysInTheMemoryItReserved) {
  Body body(BodyFormat::json_array);
  body.reserve(1000);
  const std::string record(99, 'x');
  const char* const memory = body.append(record).data() - 1;
  while (body.size_with(record.size()) <= 1000) body.append(record);
  EXPECT_EQ(body.frame(0, body.records()).data(), memory);
  body.clear();
  EXPECT_EQ(body.append(record).data() - 1, memory);
  EXPECT_GE(body.capacity(), 1000 + Body::kPadding);
}

TEST(BodyTest, MovesWithItsRecords) {
  Body from = body_of(BodyFormat::json_array, {"1", "2"});
  Body to = std::move(from);
  EXPECT_EQ(to.frame(0, 2), "[1,2]");
  from = body_of(BodyFormat::ndjson, {"3"});
  EXPECT_EQ(from.frame(0, 1), "3\n");
}

class BodyModelTest : public ::testing::TestWithParam<BodyFormat> {};
INSTANTIATE_TEST_SUITE_P(Formats, BodyModelTest,
                         ::testing::Values(BodyFormat::json_array, BodyFormat::ndjson));

TEST_P(BodyModelTest, IsAlwaysItsRecordsJoined) {
  SeededRandom random(7);
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random.next_bits() % n);
  };
  Body body(GetParam());
  std::vector<std::string> model;
  for (int step = 0; step < 5'000; ++step) {
    switch (below(8)) {
      case 0:
        if (!model.empty()) {
          body.retract_last();
          model.pop_back();
        }
        break;
      case 1:
        if (below(20) == 0) {
          body.clear();
          model.clear();
        }
        break;
      case 2:
      case 3:
        if (!model.empty()) {
          const std::size_t first = below(model.size());
          const std::size_t last = first + 1 + below(model.size() - first);
          const std::string expected = join(GetParam(), model, first, last);
          ASSERT_EQ(body.framed_size(first, last), expected.size());
          ASSERT_EQ(body.frame(first, last), expected);
        }
        break;
      default: {
        const std::string value(below(40), static_cast<char>('a' + below(26)));
        const std::size_t size = body.size_with(value.size());
        ASSERT_EQ(body.append(value), value);
        model.push_back(value);
        ASSERT_EQ(body.size(), size);
      }
    }
    ASSERT_EQ(body.records(), model.size());
    ASSERT_EQ(body.size(), model.empty() ? 0 : join(GetParam(), model, 0, model.size()).size());
    for (std::size_t i = 0; i < model.size(); ++i) ASSERT_EQ(body.record(i), model[i]);
  }
}

}  // namespace
}  // namespace sluice::codec
