#include "batch/batcher.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/records.h"

namespace sluice::batch {
namespace {

class BatcherTest : public testing::Test {
 protected:
  Batcher make(std::size_t max_records, std::size_t max_bytes) {
    return {{max_records, max_bytes, std::chrono::milliseconds(100)}, codec_, pool_};
  }

  std::optional<codec::Rejection> add(Batcher& batcher, std::string value,
                                      const codec::Route& route = {}) {
    test::TestRecord record{next_offset_++, std::move(value), {}, {}, -1};
    return batcher.add(record.view(), *record.value, route, ticket_++, clock_.now());
  }

  static std::string body(const std::unique_ptr<Batch>& batch) {
    return batch ? std::string(batch->body().frame(0, batch->size())) : std::string();
  }

  test::FakeClock clock_;
  MemoryMeter meter_;
  BatchPool pool_{codec::BodyFormat::json_array, meter_, 1 << 20};
  codec::RecordCodec codec_{1000, codec::NullPolicy::dead_letter, nullptr};
  std::int64_t next_offset_ = 100;
  Ticket ticket_ = 0;
};

TEST_F(BatcherTest, ClosesByCount) {
  auto batcher = make(2, 1000);
  add(batcher, "1");
  EXPECT_EQ(batcher.closed(), 0U);
  add(batcher, "2");
  add(batcher, "3");
  auto batch = batcher.take_closed();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->closed_by, CloseReason::count);
  EXPECT_EQ(body(batch), "[1,2]");
  EXPECT_EQ(batcher.take_closed(), nullptr) << "3 is still open";
  EXPECT_FALSE(batcher.holds_nothing());
}

TEST_F(BatcherTest, ClosesBeforeTheRecordThatGoesElsewhere) {
  auto batcher = make(100, 1000);
  const codec::Route one{"/1", {"eu"}, {"a"}};
  add(batcher, "1", one);
  add(batcher, "2", one);
  for (const codec::Route& other :
       {codec::Route{"/2", {"eu"}, {"a"}}, codec::Route{"/2", {"us"}, {"a"}},
        codec::Route{"/2", {"us"}, {"b"}}}) {
    add(batcher, "3", other);
  }
  ASSERT_EQ(batcher.closed(), 3U);
  const auto first = batcher.take_closed();
  EXPECT_EQ(first->closed_by, CloseReason::route);
  EXPECT_EQ(first->route, one);
  EXPECT_EQ(body(first), "[1,2]");
  EXPECT_EQ(batcher.take_closed()->route.headers, std::vector<std::string>{"eu"});
}

TEST_F(BatcherTest, ClosesBeforeTheRecordThatWouldExceedTheBytes) {
  auto batcher = make(100, 10);
  add(batcher, "1234");
  add(batcher, "567");  // [1234,567] is 10 bytes
  EXPECT_EQ(batcher.closed(), 1U) << "full to the byte: nothing else fits";
  add(batcher, "12345");
  add(batcher, "678");  // [12345,678] would be 11
  EXPECT_EQ(batcher.closed(), 2U);
  EXPECT_EQ(body(batcher.take_closed()), "[1234,567]");
  auto second = batcher.take_closed();
  EXPECT_EQ(body(second), "[12345]");
  EXPECT_EQ(second->closed_by, CloseReason::bytes);
}

TEST_F(BatcherTest, ARecordLargerThanABatchGoesAlone) {
  auto batcher = make(100, 10);
  add(batcher, "1");
  add(batcher, std::string(50, '7'));
  add(batcher, "2");
  ASSERT_EQ(batcher.closed(), 2U);
  EXPECT_EQ(body(batcher.take_closed()), "[1]");
  EXPECT_EQ(batcher.take_closed()->size(), 1U);
}

TEST_F(BatcherTest, HeadersAndKeysFillABatchToo) {
  auto batcher = make(100, 200);
  for (std::int64_t i = 0; i < 4; ++i) {
    test::TestRecord record{i, "1", "key", {{"header", std::string(80, 'h')}}, -1};
    batcher.add(record.view(), "1", {}, static_cast<Ticket>(i), clock_.now());
  }
  EXPECT_EQ(batcher.closed(), 1U);
  EXPECT_EQ(batcher.take_closed()->size(), 2U);
}

TEST_F(BatcherTest, ARejectedRecordLeavesItsNeighboursAlone) {
  auto batcher = make(3, 1000);
  add(batcher, "1");
  const auto rejected = add(batcher, "{oops");
  ASSERT_TRUE(rejected);
  EXPECT_EQ(rejected->reason, DeadLetterReason::not_json);
  add(batcher, "2");
  add(batcher, "3");
  auto batch = batcher.take_closed();
  EXPECT_EQ(body(batch), "[1,2,3]");
  EXPECT_EQ(batch->entry(1).offset, 102);
  EXPECT_EQ(batch->entry(1).ticket, 2U);
}

TEST_F(BatcherTest, ABatchOfRejectedRecordsDoesNotExist) {
  auto batcher = make(3, 1000);
  add(batcher, "nope");
  EXPECT_TRUE(batcher.holds_nothing());
  EXPECT_EQ(batcher.open_since(), std::nullopt);
}

TEST_F(BatcherTest, KnowsHowMuchWaitsClosed) {
  auto batcher = make(2, 1000);
  for (int i = 0; i < 5; ++i) add(batcher, "1");
  EXPECT_EQ(batcher.closed(), 2U);
  EXPECT_EQ(batcher.closed_records(), 4U);
  EXPECT_EQ(batcher.closed_bytes(), 10U) << "[1,1] twice";
  batcher.take_closed();
  EXPECT_EQ(batcher.closed_records(), 2U);
  EXPECT_EQ(batcher.closed_bytes(), 5U);
}

TEST_F(BatcherTest, IsOpenSinceItsFirstRecordCame) {
  auto batcher = make(100, 1000);
  const Instant first = clock_.now();
  add(batcher, "1");
  clock_.advance(std::chrono::milliseconds(7));
  add(batcher, "2");
  EXPECT_EQ(batcher.open_since(), first);
  batcher.close(CloseReason::linger);
  EXPECT_EQ(batcher.open_since(), std::nullopt);
  EXPECT_EQ(batcher.take_closed()->closed_by, CloseReason::linger);
  EXPECT_TRUE(batcher.holds_nothing());
}

}  // namespace
}  // namespace sluice::batch
