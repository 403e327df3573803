#include "batch/batch_id.h"

#include <gtest/gtest.h>

#include <set>

#include "support/records.h"

namespace sluice::batch {
namespace {

class BatchIdTest : public testing::Test {
 protected:
  std::unique_ptr<Batch> make(const std::vector<std::pair<std::int64_t, std::string>>& records,
                              codec::BodyFormat format = codec::BodyFormat::json_array) {
    auto batch = std::make_unique<Batch>(format, meter_);
    for (const auto& [offset, value] : records) {
      test::TestRecord record{offset, value, {}, {}, -1};
      batch->body().append(value);
      batch->keep(record.view(), 0);
    }
    return batch;
  }

  std::string id(std::string_view topic, std::int32_t partition, const Batch& batch, Range range) {
    return batch_id(topic, partition, batch, range);
  }

  MemoryMeter meter_;
};

TEST_F(BatchIdTest, IsTheSameForTheSameRecordsInAnotherProcess) {
  auto one = make({{5, "1"}, {6, "2"}});
  auto other = make({{5, "1"}, {6, "2"}});
  EXPECT_EQ(id("t", 3, *one, {0, 2}), id("t", 3, *other, {0, 2}));
  // A golden value: APIs may remember ids over an upgrade of ours.
  EXPECT_EQ(id("t", 3, *one, {0, 2}), "23ff0dc82f5d7ac22750a900f1ab2a32");
}

TEST_F(BatchIdTest, APartHasTheIdOfABatchOfJustItsRecords) {
  auto whole = make({{5, "1"}, {6, "2"}, {7, "3"}});
  auto part = make({{6, "2"}, {7, "3"}});
  EXPECT_EQ(id("t", 0, *whole, {1, 3}), id("t", 0, *part, {0, 2}));
}

TEST_F(BatchIdTest, DiffersWithTopicPartitionOffsetsAndBody) {
  auto batch = make({{5, "1"}, {6, "2"}});
  auto shifted = make({{5, "1"}, {7, "2"}});
  auto changed = make({{5, "1"}, {6, "3"}});
  auto lines = make({{5, "1"}, {6, "2"}}, codec::BodyFormat::ndjson);
  const std::set<std::string> ids = {id("t", 0, *batch, {0, 2}),   id("u", 0, *batch, {0, 2}),
                                     id("t", 1, *batch, {0, 2}),   id("t", 0, *shifted, {0, 2}),
                                     id("t", 0, *changed, {0, 2}), id("t", 0, *batch, {0, 1}),
                                     id("t", 0, *lines, {0, 2})};
  EXPECT_EQ(ids.size(), 7U);
}

}  // namespace
}  // namespace sluice::batch
