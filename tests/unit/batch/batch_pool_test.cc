#include "batch/batch_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/records.h"

namespace sluice::batch {
namespace {

constexpr std::size_t kKeep = 8192;

class BatchPoolTest : public testing::Test {
 protected:
  static void put(Batch& batch, test::TestRecord record) {
    batch.body().append(*record.value);
    batch.keep(record.view(), 0);
  }

  MemoryMeter meter_;
  BatchPool pool_{codec::BodyFormat::json_array, meter_, kKeep};
};

TEST_F(BatchPoolTest, ABatchComesBackEmptyAndWithoutARoute) {
  auto batch = pool_.take();
  const Batch* address = batch.get();
  put(*batch, {1, "1", "key", {{"h", "v"}}, 1000});
  batch->route.path = "/users/7";
  pool_.give_back(std::move(batch));
  batch = pool_.take();
  EXPECT_EQ(batch.get(), address);
  EXPECT_TRUE(batch->empty());
  EXPECT_EQ(batch->aside_bytes(), 0U);
  EXPECT_EQ(batch->oldest_timestamp_ms(), -1);
  EXPECT_EQ(batch->route.path, "");
}

TEST_F(BatchPoolTest, ItKeepsNoMoreBytesThanItWasToldTo) {
  auto one = pool_.take();
  auto two = pool_.take();
  put(*one, {1, "1", {}, {}, -1});
  put(*two, {1, std::string(2 * kKeep, '1'), {}, {}, -1});
  const std::size_t small = one->memory();
  pool_.give_back(std::move(one));
  EXPECT_EQ(pool_.idle_bytes(), small);
  pool_.give_back(std::move(two));
  EXPECT_EQ(pool_.idle_bytes(), small);
  EXPECT_EQ(meter_.used(), small);
}

TEST_F(BatchPoolTest, WhatIsInUseIsNotIdleAndNothingIsAfterATrim) {
  auto one = pool_.take();
  put(*one, {1, "1", {}, {}, -1});
  const std::size_t bytes = one->memory();
  pool_.give_back(std::move(one));
  one = pool_.take();
  EXPECT_EQ(pool_.idle_bytes(), 0U);
  EXPECT_EQ(meter_.used(), bytes);
  pool_.give_back(std::move(one));
  EXPECT_EQ(pool_.idle_bytes(), bytes);
  pool_.trim();
  EXPECT_EQ(pool_.idle_bytes(), 0U);
  EXPECT_EQ(meter_.used(), 0U);
}

}  // namespace
}  // namespace sluice::batch
