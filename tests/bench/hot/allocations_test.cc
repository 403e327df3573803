// What a record costs in our own code besides instructions: nothing is allocated for it, its bytes
// are copied once, and no lock is taken. What a batch and a request cost does not depend on how
// many records they have. What libraries allocate by malloc() is their own.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "bench/hot/counters.h"
#include "bench/hot/deliveries.h"
#include "bench/hot/hot_path.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kRecords = 100'000;
constexpr std::size_t kWarmUp = 10'000;
// Where nothing is made anew: a piece of a queue now and then.
constexpr std::size_t kAllocationsPerBatch = 1;
// Where records are grouped: the strand of a group goes with its last batch.
constexpr std::size_t kAllocationsPerGroup = 6;
// The request, its headers, its signature, and what is known of it until its answer.
constexpr std::size_t kAllocationsPerRequest = 50;
// At the gate of the target: asked for a place, answered, and a few questions before and after.
constexpr std::size_t kLocksPerRequest = 12;
// Of the batch id, for each record: xxHash copies what it begins with, where it is not optimised.
constexpr std::size_t kHashState = 64;

// Of everything that a dead letter would hold.
std::size_t bytes_of(const RecordView& record) {
  std::size_t bytes = record.key->size() + record.value->size();
  for (const auto& header : record.headers) bytes += header.name.size() + header.value->size();
  return bytes;
}

struct Way {
  std::string name;
  HotPath::Options (*options)();
  std::size_t allocations_per_batch;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

HotPath::Options in_order() { return {}; }
HotPath::Options by_key() {
  HotPath::Options options;
  options.key_shards = 8;
  return options;
}
HotPath::Options lines() {
  HotPath::Options options;
  options.format = codec::BodyFormat::ndjson;
  return options;
}
HotPath::Options grouped() {
  HotPath::Options options;
  options.path = "/tenants/{header:tenant}/events";
  options.headers = {"{topic}/{partition} of a tenant that is called {header:tenant}"};
  options.group_by = {"{header:traceparent}"};
  return options;
}
HotPath::Options grouped_by_value() {
  HotPath::Options options;
  options.group_by = {"{/account_id}", "{/metadata/user_agent}"};
  return options;
}

class OfARecord : public testing::TestWithParam<Way> {};

TEST_P(OfARecord, NothingIsAllocatedAndNoLockIsTaken) {
  HotPath path(GetParam().options());
  EndlessRecords records(1000);
  flow(path, records, kWarmUp);
  start_counting();
  const std::size_t batches = flow(path, records, kRecords);
  const Counts counts = stop_counting();
  ASSERT_GE(batches, kRecords / 500 - 8) << "the last ones of eight strands may be open";
  ASSERT_LE(batches, kRecords / 500 + 8);
  EXPECT_LE(counts.allocations, GetParam().allocations_per_batch * batches);
  EXPECT_EQ(counts.locks, 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, OfARecord,
                         testing::Values(Way{"InOrder", &in_order, kAllocationsPerBatch},
                                         Way{"ByKey", &by_key, kAllocationsPerBatch},
                                         Way{"Lines", &lines, kAllocationsPerBatch},
                                         Way{"Grouped", &grouped, kAllocationsPerGroup},
                                         Way{"GroupedByValue", &grouped_by_value,
                                             kAllocationsPerGroup}),
                         [](const auto& way) { return way.param.name; });

TEST(Copies, ThereIsOneOfARecord) {
  for (const std::size_t value_bytes : {780U, 10'000U}) {
    HotPath path({.records = 100});
    EndlessRecords records(1, value_bytes);
    flow(path, records, kRecordsPerTurn);
    const std::size_t bytes = bytes_of(records.next());
    start_counting();
    flow(path, records, kRecordsPerTurn);
    const Counts counts = stop_counting();
    const std::size_t copied = counts.copied_bytes / kRecordsPerTurn;
    EXPECT_GE(copied, bytes) << "or it is not counted";
    EXPECT_LE(copied, bytes + 32 + kHashState);
  }
}

TEST(Memory, IsTakenOnceForAllBatches) {
  HotPath path({.records = 500});
  EndlessRecords records(1000);
  flow(path, records, kWarmUp);
  const std::size_t before = path.meter().used();
  flow(path, records, kRecords);
  EXPECT_EQ(path.meter().used(), before);
  EXPECT_EQ(path.ledger().outstanding(), 0U);
  // Two batches a turn, in arenas that have grown by doubling.
  EXPECT_LE(before, 2 * 2 * 500 * (bytes_of(records.next()) + 200));
}

struct PerRequest {
  double allocations = 0;
  double locks = 0;
  double copied = 0;
};

PerRequest cost_of_requests(std::size_t records_each) {
  HotPath path({.records = records_each});
  Deliveries deliveries(path);
  EndlessRecords records(1000);
  flow(path, records, kWarmUp, deliveries);
  const std::size_t bytes = bytes_of(records.next());
  start_counting();
  const std::size_t requests = flow(path, records, kRecords, deliveries);
  const Counts counts = stop_counting();
  EXPECT_NEAR(static_cast<double>(requests), static_cast<double>(kRecords / records_each), 1);
  const auto each = static_cast<double>(requests);
  return {static_cast<double>(counts.allocations) / each, static_cast<double>(counts.locks) / each,
          static_cast<double>(counts.copied_bytes - kRecords * bytes) / each};
}

TEST(OfARequest, TheCostDoesNotDependOnItsRecords) {
  const PerRequest small = cost_of_requests(100);
  const PerRequest large = cost_of_requests(1000);
  EXPECT_LE(small.allocations, kAllocationsPerRequest);
  EXPECT_LE(small.locks, kLocksPerRequest);
  EXPECT_GE(small.locks, 1) << "or they are not counted";
  EXPECT_NEAR(large.allocations, small.allocations, 1);
  EXPECT_NEAR(large.locks, small.locks, 1);
  // Their offsets are hashed for the batch id, and their attempts counted.
  EXPECT_LE(large.copied, 4096 + 1000 * (16 + kHashState));
}

}  // namespace
}  // namespace sluice::bench
