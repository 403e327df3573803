#include "batch/batcher.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/fake_clock.h"
#include "support/records.h"

namespace sluice::batch {
namespace {

using std::chrono::milliseconds;

class BatcherTest : public testing::Test {
 protected:
  static constexpr auto kFormat = codec::BodyFormat::json_array;

  Batcher make(Limits limits) { return make(limits, router_); }
  Batcher make(Limits limits, codec::Router& router) {
    return {{"events", 0}, limits, codec_, router, pool_};
  }

  AddResult add(Batcher& batcher, std::string value) {
    test::TestRecord record{next_offset_++, std::move(value), {}, {}, -1};
    return batcher.add(record.view(), ticket_++, clock_.now());
  }

  static std::string body(Batch& batch) { return std::string(batch.body().frame(0, batch.size())); }

  test::FakeClock clock_;
  MemoryMeter meter_;
  BatchPool pool_{kFormat, meter_, 4};
  codec::RecordCodec codec_{1000, codec::NullPolicy::dead_letter, nullptr};
  codec::Router router_{TextTemplate::parse("/events").value(), {}};
  std::int64_t next_offset_ = 100;
  Ticket ticket_ = 0;
};

TEST_F(BatcherTest, ClosesByCount) {
  auto batcher = make({2, 1000, milliseconds(100)});
  add(batcher, "1");
  EXPECT_EQ(batcher.closed(), 0U);
  add(batcher, "2");
  add(batcher, "3");
  auto batch = batcher.take_closed();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->closed_by, CloseReason::count);
  EXPECT_EQ(body(*batch), "[1,2]");
  EXPECT_EQ(batcher.take_closed(), nullptr) << "3 is still open";
  EXPECT_FALSE(batcher.holds_nothing());
}

TEST_F(BatcherTest, ClosesBeforeTheRecordThatGoesElsewhere) {
  codec::Router by_id{TextTemplate::parse("/{/id}").value(), {}};
  auto batcher = make({100, 1000, milliseconds(100)}, by_id);
  for (const char* record : {R"({"id":1})", R"({"id":1,"n":2})", R"({"id":2})", R"({"id":1})"}) {
    add(batcher, record);
  }
  ASSERT_EQ(batcher.closed(), 2U);
  const auto first = batcher.take_closed();
  EXPECT_EQ(first->closed_by, CloseReason::route);
  EXPECT_EQ(first->route.path, "/1");
  EXPECT_EQ(body(*first), R"([{"id":1},{"id":1,"n":2}])");
  EXPECT_EQ(batcher.take_closed()->route.path, "/2");
}

TEST_F(BatcherTest, SmallClosedBatchesAreEnoughOnlyTogether) {
  codec::Router by_id{TextTemplate::parse("/{/id}").value(), {}};
  auto batcher = make({3, 100'000, milliseconds(100)}, by_id);
  for (int i = 0; i < 500; ++i) {
    EXPECT_FALSE(batcher.closed_hold_enough()) << batcher.closed();
    add(batcher, R"({"id":)" + std::to_string(i) + "}");
  }
  add(batcher, R"({"id":500})");
  EXPECT_TRUE(batcher.closed_hold_enough()) << "500 records";
  batcher.take_closed();
  EXPECT_FALSE(batcher.closed_hold_enough());
}

TEST_F(BatcherTest, AFullClosedBatchIsEnough) {
  auto batcher = make({100, 10, milliseconds(100)});
  add(batcher, "12345678");
  EXPECT_TRUE(batcher.closed_hold_enough());
}

TEST_F(BatcherTest, ARecordThatGoesNowhereLeavesTheBatchAsItWas) {
  codec::Router by_id{TextTemplate::parse("/{/id}").value(), {}};
  auto batcher = make({2, 1000, milliseconds(100)}, by_id);
  add(batcher, R"({"id":1})");
  const auto result = add(batcher, "{}");
  ASSERT_TRUE(std::holds_alternative<codec::Rejection>(result));
  EXPECT_EQ(std::get<codec::Rejection>(result).reason, DeadLetterReason::unroutable);
  add(batcher, R"({"id":1})");
  EXPECT_EQ(batcher.take_closed()->closed_by, CloseReason::count);
}

TEST_F(BatcherTest, ABatchThatIsUsedAgainHasNoRouteLeft) {
  codec::Router by_id{TextTemplate::parse("/{/id}").value(), {}};
  auto routed = make({1, 1000, milliseconds(100)}, by_id);
  add(routed, R"({"id":1})");
  pool_.give_back(routed.take_closed());
  auto plain = make({1, 1000, milliseconds(100)});
  add(plain, "1");
  EXPECT_EQ(plain.take_closed()->route.path, "");
}

TEST_F(BatcherTest, ClosesBeforeTheRecordThatWouldExceedTheBytes) {
  auto batcher = make({100, 10, milliseconds(100)});
  add(batcher, "1234");
  add(batcher, "567");  // [1234,567] is 10 bytes
  EXPECT_EQ(batcher.closed(), 1U) << "full to the byte: nothing else fits";
  add(batcher, "12345");
  add(batcher, "678");  // [12345,678] would be 11
  EXPECT_EQ(batcher.closed(), 2U);
  auto first = batcher.take_closed();
  auto second = batcher.take_closed();
  EXPECT_EQ(body(*first), "[1234,567]");
  EXPECT_EQ(body(*second), "[12345]");
  EXPECT_EQ(second->closed_by, CloseReason::bytes);
}

TEST_F(BatcherTest, ARecordLargerThanABatchGoesAlone) {
  auto batcher = make({100, 10, milliseconds(100)});
  add(batcher, "1");
  add(batcher, std::string(50, '7'));
  add(batcher, "2");
  ASSERT_EQ(batcher.closed(), 2U);
  EXPECT_EQ(body(*batcher.take_closed()), "[1]");
  EXPECT_EQ(batcher.take_closed()->size(), 1U);
}

TEST_F(BatcherTest, HeadersAndKeysFillABatchToo) {
  auto batcher = make({100, 200, milliseconds(100)});
  for (std::int64_t i = 0; i < 4; ++i) {
    test::TestRecord record{i, "1", "key", {{"header", std::string(80, 'h')}}, -1};
    batcher.add(record.view(), static_cast<Ticket>(i), clock_.now());
  }
  EXPECT_EQ(batcher.closed(), 1U);
  EXPECT_EQ(batcher.take_closed()->size(), 2U);
}

TEST_F(BatcherTest, LingersFromTheFirstRecordNotTheLast) {
  auto batcher = make({100, 1000, milliseconds(100)});
  EXPECT_EQ(batcher.deadline(), std::nullopt);
  add(batcher, "1");
  EXPECT_EQ(batcher.deadline(), clock_.now() + milliseconds(100));
  clock_.advance(milliseconds(99));
  add(batcher, "2");
  batcher.close_due(clock_.now());
  EXPECT_EQ(batcher.closed(), 0U);
  clock_.advance(milliseconds(1));
  batcher.close_due(clock_.now());
  ASSERT_EQ(batcher.closed(), 1U);
  EXPECT_EQ(batcher.take_closed()->closed_by, CloseReason::linger);
  EXPECT_TRUE(batcher.holds_nothing());
}

TEST_F(BatcherTest, ARejectedRecordLeavesItsNeighboursAlone) {
  auto batcher = make({3, 1000, milliseconds(100)});
  add(batcher, "1");
  auto rejected = add(batcher, "{oops");
  ASSERT_TRUE(std::holds_alternative<codec::Rejection>(rejected));
  EXPECT_EQ(std::get<codec::Rejection>(rejected).reason, DeadLetterReason::not_json);
  add(batcher, "2");
  add(batcher, "3");
  auto batch = batcher.take_closed();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(body(*batch), "[1,2,3]");
  EXPECT_EQ(batch->entry(1).offset, 102);
  EXPECT_EQ(batch->entry(1).ticket, 2U);
}

TEST_F(BatcherTest, ABatchOfRejectedRecordsDoesNotExist) {
  auto batcher = make({3, 1000, milliseconds(100)});
  add(batcher, "nope");
  EXPECT_TRUE(batcher.holds_nothing());
  EXPECT_EQ(batcher.deadline(), std::nullopt);
}

TEST_F(BatcherTest, KeepsTheRecordAsItWasRead) {
  auto batcher = make({1, 1000, milliseconds(100)});
  test::TestRecord record{
      7, R"({"a": 1})", "key", {{"h", "v"}, {"null", std::nullopt}, {"e", ""}}, 1234};
  batcher.add(record.view(), 0, clock_.now());
  record.value = "changed since";
  auto batch = batcher.take_closed();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->key(0), "key");
  EXPECT_EQ(batch->value(0), R"({"a": 1})");
  const auto headers = batch->headers(0);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "h");
  EXPECT_EQ(headers[0].value, "v");
  EXPECT_EQ(headers[1].value, std::nullopt);
  EXPECT_EQ(headers[2].value, "");
  EXPECT_EQ(batch->oldest_timestamp_ms(), 1234);
}

TEST_F(BatcherTest, KeepsATombstoneApartFromWhatIsSentForIt) {
  codec::RecordCodec sends_null(1000, codec::NullPolicy::send_null, nullptr);
  Batcher batcher({"events", 0}, {2, 1000, milliseconds(100)}, sends_null, router_, pool_);
  test::TestRecord tombstone{1, std::nullopt, std::nullopt, {}, -1};
  test::TestRecord empty{2, "", "", {}, -1};
  batcher.add(tombstone.view(), 0, clock_.now());
  batcher.add(empty.view(), 1, clock_.now());
  auto batch = batcher.take_closed();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(body(*batch), "[null,null]");
  EXPECT_EQ(batch->value(0), std::nullopt);
  EXPECT_EQ(batch->value(1), "");
  EXPECT_EQ(batch->key(0), std::nullopt);
  EXPECT_EQ(batch->key(1), "");
}

TEST_F(BatcherTest, SkipsNullsByPolicy) {
  codec::RecordCodec skips(1000, codec::NullPolicy::skip, nullptr);
  Batcher batcher({"events", 0}, {2, 1000, milliseconds(100)}, skips, router_, pool_);
  test::TestRecord tombstone{1, std::nullopt, std::nullopt, {}, -1};
  EXPECT_TRUE(
      std::holds_alternative<codec::Skipped>(batcher.add(tombstone.view(), 0, clock_.now())));
  EXPECT_TRUE(batcher.holds_nothing());
}

TEST_F(BatcherTest, CountsWhatItsArenasHoldAndGivesItBack) {
  {
    auto batcher = make({10, 1000, milliseconds(100)});
    add(batcher, std::string(500, '1'));
    EXPECT_GE(meter_.used(), 500U);
  }
  EXPECT_EQ(meter_.used(), 0U);
}

TEST_F(BatcherTest, UsesReturnedBatchesAgain) {
  auto batcher = make({1, 1000, milliseconds(100)});
  add(batcher, "1");
  auto batch = batcher.take_closed();
  const Batch* address = batch.get();
  pool_.give_back(std::move(batch));
  add(batcher, "2");
  batch = batcher.take_closed();
  EXPECT_EQ(batch.get(), address);
  EXPECT_EQ(body(*batch), "[2]");
}

// Random records and limits against the slow obvious model: a list of lists of strings.
class BatcherProperty : public BatcherTest, public testing::WithParamInterface<std::uint64_t> {};

TEST_P(BatcherProperty, AgreesWithTheObviousModel) {
  SeededRandom random(GetParam());
  const auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random.next_unit() * static_cast<double>(bound));
  };
  const Limits limits{1 + below(8), 20 + below(200), milliseconds(1 + below(50))};
  auto batcher = make(limits);
  std::vector<std::vector<std::string>> model(1);
  Instant opened{};
  const auto size_of = [](const std::vector<std::string>& records) {
    std::size_t size = 1;
    for (const auto& record : records) size += record.size() + 1;
    return size;
  };
  const auto close = [&] {
    if (!model.back().empty()) model.emplace_back();
  };
  for (int step = 0; step < 300; ++step) {
    clock_.advance(milliseconds(below(10)));
    if (!model.back().empty() && clock_.now() >= opened + limits.linger) close();
    batcher.close_due(clock_.now());
    if (random.next_unit() < 0.2) {
      add(batcher, "{");
      // What is not JSON may close the batch it did not fit into, and does nothing else.
      if (!model.back().empty() && size_of(model.back()) + 2 > limits.max_bytes) close();
      continue;
    }
    const std::string value(1 + below(40), '1');
    if (!model.back().empty() && size_of(model.back()) + value.size() + 1 > limits.max_bytes) {
      close();
    }
    if (model.back().empty()) opened = clock_.now();
    model.back().push_back(value);
    add(batcher, value);
    if (model.back().size() >= limits.max_records || size_of(model.back()) >= limits.max_bytes) {
      close();
    }
  }
  model.pop_back();  // the open one
  ASSERT_EQ(batcher.closed(), model.size());
  for (const auto& records : model) {
    std::string expected;
    for (const auto& record : records) expected += (expected.empty() ? "[" : ",") + record;
    auto batch = batcher.take_closed();
    ASSERT_EQ(body(*batch), expected + "]");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BatcherProperty, testing::Range<std::uint64_t>(0, 30));

}  // namespace
}  // namespace sluice::batch
