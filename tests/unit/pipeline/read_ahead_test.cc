#include "pipeline/read_ahead.h"

#include <gtest/gtest.h>

namespace sluice::pipeline {
namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST(ReadAheadTest, TakesAsMuchAsThePrefetchButAtMostHalfOfTheShare) {
  const ReadAhead roomy(100 * kMiB, 32 * kMiB);
  EXPECT_FALSE(roomy.enough(32 * kMiB, 32 * kMiB, 1));
  EXPECT_TRUE(roomy.enough(32 * kMiB + 1, 32 * kMiB + 1, 1));
  const ReadAhead tight(10 * kMiB, 16 * kMiB);
  EXPECT_FALSE(tight.enough(5 * kMiB, 5 * kMiB, 1));
  EXPECT_TRUE(tight.enough(5 * kMiB + 1, 5 * kMiB + 1, 1));
}

TEST(ReadAheadTest, ASlowPartitionMayHaveWhatTheOthersLeave) {
  const ReadAhead ahead(100 * kMiB, 32 * kMiB);
  EXPECT_FALSE(ahead.enough(30 * kMiB, 31 * kMiB, 4));
  EXPECT_TRUE(ahead.enough(30 * kMiB, 33 * kMiB, 4));
}

TEST(ReadAheadTest, TheOthersAlwaysHaveTheirPart) {
  const ReadAhead ahead(100 * kMiB, 32 * kMiB);
  EXPECT_FALSE(ahead.enough(8 * kMiB, 60 * kMiB, 4));
  EXPECT_TRUE(ahead.enough(8 * kMiB + 1, 60 * kMiB, 4));
}

TEST(ReadAheadTest, ReadsOnAtHalfOfItsPartOrOnceTheWorkerHoldsLittle) {
  const ReadAhead ahead(100 * kMiB, 32 * kMiB);
  EXPECT_FALSE(ahead.little(4 * kMiB, 40 * kMiB, 4));
  EXPECT_TRUE(ahead.little(4 * kMiB - 1, 40 * kMiB, 4));
  EXPECT_FALSE(ahead.little(15 * kMiB, 16 * kMiB, 4));
  EXPECT_TRUE(ahead.little(15 * kMiB, 16 * kMiB - 1, 4));
}

TEST(ReadAheadTest, LeavesRoomForABatchOfEachPartitionButAtMostAQuarterOfTheShare) {
  const ReadAhead ahead(100 * kMiB, 32 * kMiB);
  EXPECT_EQ(ahead.most(2, kMiB), 98 * kMiB);
  EXPECT_EQ(ahead.most(64, kMiB), 75 * kMiB);
}

}  // namespace
}  // namespace sluice::pipeline
