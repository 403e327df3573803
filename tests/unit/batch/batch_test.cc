#include "batch/batch.h"

#include <gtest/gtest.h>

#include "codec/record_codec.h"
#include "support/records.h"

namespace sluice::batch {
namespace {

class BatchTest : public testing::Test {
 protected:
  void put(Batch& batch, test::TestRecord record, Ticket ticket = 0) {
    const RecordView view = record.view();
    const auto admitted = codec_.admit(view);
    ASSERT_FALSE(codec_.append(std::get<std::string_view>(admitted), batch.body()));
    batch.keep(view, ticket);
  }

  static void expect_same_record(const Batch& one, std::size_t i, const Batch& other,
                                 std::size_t j) {
    EXPECT_EQ(one.key(i), other.key(j));
    EXPECT_EQ(one.value(i), other.value(j));
    const auto headers = one.headers(i);
    const auto others = other.headers(j);
    ASSERT_EQ(headers.size(), others.size());
    for (std::size_t h = 0; h < headers.size(); ++h) {
      EXPECT_EQ(headers[h].name, others[h].name);
      EXPECT_EQ(headers[h].value, others[h].value);
    }
    EXPECT_EQ(one.entry(i).offset, other.entry(j).offset);
    EXPECT_EQ(one.entry(i).timestamp_ms, other.entry(j).timestamp_ms);
    EXPECT_EQ(one.entry(i).ticket, other.entry(j).ticket);
  }

  MemoryMeter meter_;
  codec::RecordCodec codec_{1000, codec::NullPolicy::send_null, nullptr};
  Batch array_{codec::BodyFormat::json_array, meter_};
};

TEST_F(BatchTest, KeepsTheRecordAsItWasRead) {
  test::TestRecord record{
      7, R"({"a": 1})", "key", {{"h", "v"}, {"null", std::nullopt}, {"e", ""}}, 1234};
  put(array_, record);
  record.value = "changed since";
  EXPECT_EQ(array_.key(0), "key");
  EXPECT_EQ(array_.value(0), R"({"a": 1})");
  const auto headers = array_.headers(0);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "h");
  EXPECT_EQ(headers[0].value, "v");
  EXPECT_EQ(headers[1].value, std::nullopt);
  EXPECT_EQ(headers[2].value, "");
}

TEST_F(BatchTest, KeepsATombstoneApartFromWhatIsSentForIt) {
  put(array_, {1, std::nullopt, std::nullopt, {}, -1});
  put(array_, {2, "", "", {}, -1});
  EXPECT_EQ(array_.body().frame(0, 2), "[null,null]");
  EXPECT_EQ(array_.value(0), std::nullopt);
  EXPECT_EQ(array_.value(1), "");
  EXPECT_EQ(array_.key(0), std::nullopt);
  EXPECT_EQ(array_.key(1), "");
}

TEST_F(BatchTest, TheOldestTimestampIsOfTheRecordsThatHaveOne) {
  EXPECT_EQ(array_.oldest_timestamp_ms(), -1);
  put(array_, {1, "1", {}, {}, -1});
  EXPECT_EQ(array_.oldest_timestamp_ms(), -1);
  put(array_, {2, "1", {}, {}, 2000});
  put(array_, {3, "1", {}, {}, 1000});
  put(array_, {4, "1", {}, {}, 3000});
  EXPECT_EQ(array_.oldest_timestamp_ms(), 1000);
}

TEST_F(BatchTest, ACopiedRecordIsTheSameToTheByte) {
  put(array_, {7, R"({"a": 1})", "key", {{"h", "v"}, {"null", std::nullopt}, {"e", ""}}, 1234}, 3);
  put(array_, {8, std::nullopt, std::nullopt, {}, -1}, 4);
  put(array_, {9, "", "", {}, 0}, 5);
  put(array_, {10, "null", std::string("\0k", 2), {}, 99}, 6);
  Batch copy(codec::BodyFormat::json_array, meter_);
  for (const std::size_t i : {3U, 0U, 1U, 2U}) copy.copy(array_, i);
  EXPECT_EQ(copy.body().frame(0, 4), R"([null,{"a": 1},null,null])");
  expect_same_record(copy, 0, array_, 3);
  expect_same_record(copy, 1, array_, 0);
  expect_same_record(copy, 2, array_, 1);
  expect_same_record(copy, 3, array_, 2);
  EXPECT_EQ(copy.oldest_timestamp_ms(), 0);
}

TEST_F(BatchTest, ACopyOfAMinifiedRecordKeepsBothItsForms) {
  Batch lines(codec::BodyFormat::ndjson, meter_);
  put(lines, {7, "{\n\"a\":1}", {}, {}, -1});
  put(lines, {8, "2", {}, {}, -1});
  Batch copy(codec::BodyFormat::ndjson, meter_);
  copy.copy(lines, 1);
  copy.copy(lines, 0);
  EXPECT_EQ(copy.body().frame(0, 2), "2\n{\"a\":1}\n");
  EXPECT_EQ(copy.value(1), "{\n\"a\":1}");
}

TEST_F(BatchTest, ACopyIsTakenOfAFramedPartToo) {
  for (int i = 0; i < 3; ++i) put(array_, {i, std::to_string(i), {}, {}, -1});
  EXPECT_EQ(array_.body().frame(0, 2), "[0,1]");
  Batch copy(codec::BodyFormat::json_array, meter_);
  copy.copy(array_, 1);
  copy.copy(array_, 2);
  EXPECT_EQ(copy.body().frame(0, 2), "[1,2]");
}

TEST_F(BatchTest, ACopyBelongsToTheStrandAndTheRouteOfTheFirst) {
  put(array_, {7, "1", {}, {}, -1});
  array_.strand = 12;
  array_.sent_as = 34;
  array_.route = {"/users/7", {"eu"}, {"tenant"}};
  Batch copy(codec::BodyFormat::json_array, meter_);
  copy.copy(array_, 0);
  EXPECT_EQ(copy.strand, 12U);
  EXPECT_EQ(copy.sent_as, 34U);
  EXPECT_EQ(copy.route, array_.route);
}

TEST_F(BatchTest, CountsWhatItsArenaHoldsAndGivesItBack) {
  {
    Batch batch(codec::BodyFormat::json_array, meter_);
    put(batch, {1, std::string(500, '1'), std::string(300, 'k'), {}, -1});
    EXPECT_GE(meter_.used(), 800U);
    const std::size_t used = meter_.used();
    batch.clear();
    EXPECT_EQ(meter_.used(), used) << "the memory stays";
  }
  EXPECT_EQ(meter_.used(), 0U);
}

constexpr std::int64_t kMoment = 1'790'000'000'000;

TEST_F(BatchTest, IsAsOldAsItsOldestRecord) {
  const Instant now{std::chrono::hours(1)};
  const WallTime wall{std::chrono::milliseconds(kMoment)};
  const auto at = [&](std::int64_t seconds) {
    const auto offset = static_cast<std::int64_t>(array_.size());
    put(array_, {offset, "1", {}, {}, kMoment + seconds * 1000});
  };
  array_.opened_at = now - std::chrono::minutes(9);
  at(-30);
  at(-90);
  at(-60);
  at(+10);  // a producer whose clock is ahead
  EXPECT_EQ(array_.oldest_age(0, now, wall), std::chrono::seconds(90));
  EXPECT_EQ(array_.oldest_age(1, now, wall), std::chrono::seconds(90));
  EXPECT_EQ(array_.oldest_age(2, now, wall), std::chrono::seconds(60)) << "of what is left";
  EXPECT_EQ(array_.oldest_age(3, now, wall), Duration::zero());
}

TEST_F(BatchTest, WithoutTimestampsIsAsOldAsItIsOpen) {
  const Instant now{std::chrono::hours(1)};
  const WallTime wall{std::chrono::milliseconds(kMoment)};
  put(array_, {1, "1", {}, {}, -1});
  array_.opened_at = now - std::chrono::seconds(7);
  EXPECT_EQ(array_.oldest_age(0, now, wall), std::chrono::seconds(7));
  Batch copy(codec::BodyFormat::json_array, meter_);
  copy.copy(array_, 0);
  EXPECT_EQ(copy.oldest_age(0, now, wall), std::chrono::seconds(7));
}

}  // namespace
}  // namespace sluice::batch
