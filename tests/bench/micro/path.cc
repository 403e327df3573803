// The way of a record from the consumer to the commit point, in whole and its pure parts.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/hot/deliveries.h"
#include "bench/hot/hot_path.h"
#include "bench/micro/units.h"

namespace sluice::bench {
namespace {

// Codec, router, strands and ledger.
void hot_path(benchmark::State& state, HotPath::Options (*options)()) {
  HotPath path(options());
  EndlessRecords records(1000);
  flow(path, records, 10 * kRecordsPerTurn);
  for (auto _ : state) flow(path, records, kRecordsPerTurn);
  count_records(state, kRecordsPerTurn, kRecordsPerTurn * DepositEvent::kBytes);
}

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
HotPath::Options by_header() {
  HotPath::Options options;
  options.path = "/tenants/{header:tenant}/events";
  return options;
}
HotPath::Options by_value() {
  HotPath::Options options;
  options.group_by = {"{/account_id}"};
  return options;
}
HotPath::Options with_schema() {
  HotPath::Options options;
  options.schema = codec::Schema::load(SLUICE_SOURCE_DIR "/config/schemas/deposit.json").value();
  return options;
}
BENCHMARK_CAPTURE(hot_path, order_partition, &in_order);
BENCHMARK_CAPTURE(hot_path, order_key, &by_key);
BENCHMARK_CAPTURE(hot_path, ndjson, &lines);
BENCHMARK_CAPTURE(hot_path, path_of_a_header, &by_header);
BENCHMARK_CAPTURE(hot_path, group_by_a_value, &by_value);
BENCHMARK_CAPTURE(hot_path, schema, &with_schema);

// The same with the Deliverer: batch ids, signatures, gates, answers.
void hot_path_and_requests(benchmark::State& state) {
  HotPath path({});
  Deliveries deliveries(path);
  EndlessRecords records(1000);
  flow(path, records, 10 * kRecordsPerTurn, deliveries);
  for (auto _ : state) flow(path, records, kRecordsPerTurn, deliveries);
  count_records(state, kRecordsPerTurn, kRecordsPerTurn * DepositEvent::kBytes);
}
BENCHMARK(hot_path_and_requests);

// The oldest of 4000 records is done last: all that a partition can have under way.
void ledger(benchmark::State& state) {
  constexpr std::size_t kRecords = 4000;
  commit::Ledger ledger;
  std::int64_t offset = 0;
  for (auto _ : state) {
    const Ticket first = ledger.add(offset++);
    for (std::size_t i = 1; i < kRecords; ++i) ledger.add(offset++);
    for (std::size_t i = kRecords; i > 0; --i) ledger.complete(first + i - 1);
    benchmark::DoNotOptimize(ledger.commit_point());
  }
  count_records(state, kRecords, 0);
}
BENCHMARK(ledger);

}  // namespace
}  // namespace sluice::bench
