// Records into bodies: proofs, schemas, routes, compression.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/deposit_event.h"
#include "bench/micro/units.h"
#include "codec/body.h"
#include "codec/compressor.h"
#include "codec/json_check.h"
#include "codec/router.h"
#include "codec/schema.h"

namespace sluice::bench {
namespace {

constexpr std::int64_t kSmall = 100;
constexpr std::size_t kBatch = 500;

std::string record_of(std::int64_t bytes) {
  if (bytes > kSmall) return DepositEvent(7, static_cast<std::size_t>(bytes)).value();
  std::string small =
      R"({"event_id":"evt_000000007","user_id":"user_0726120","amount":4128.79,"currency":"EUR"})";
  small.append(static_cast<std::size_t>(kSmall) - small.size(), ' ');
  return small;
}

std::string body_of_a_batch() {
  codec::Body body(codec::BodyFormat::json_array);
  for (std::size_t i = 0; i < kBatch; ++i) body.append(DepositEvent(i).value());
  return std::string(body.frame(0, kBatch));
}

void json_check(benchmark::State& state) {
  std::string record = record_of(state.range(0));
  const std::size_t size = record.size();
  record.append(codec::JsonCheck::kPadding, '\0');
  codec::JsonCheck check;
  for (auto _ : state) {
    benchmark::DoNotOptimize(check.check(std::string_view(record.data(), size)));
  }
  count_records(state, 1, size);
}
BENCHMARK(json_check)->Arg(kSmall)->Arg(780)->Arg(10'000)->Arg(1 << 20);

void body_join(benchmark::State& state) {
  const std::string record = record_of(780);
  codec::Body body(codec::BodyFormat::json_array);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) body.append(record);
    benchmark::DoNotOptimize(body.frame(0, kBatch).data());
    body.clear();
  }
  count_records(state, kBatch, kBatch * record.size());
}
BENCHMARK(body_join);

void schema_check(benchmark::State& state) {
  const std::string record = record_of(780);
  const auto schema = codec::Schema::load(SLUICE_SOURCE_DIR "/config/schemas/deposit.json").value();
  for (auto _ : state) benchmark::DoNotOptimize(schema->check(record));
  count_records(state, 1, record.size());
}
BENCHMARK(schema_check);

void route(benchmark::State& state, const char* path, const char* group_by) {
  const DepositEvent event(7);
  const RecordHeader tenant{"tenant", "acme"};
  const RecordView record{7, 1'789'999'999'000, event.key(), event.value(), {&tenant, 1}};
  std::vector<TextTemplate> groups;
  if (group_by != nullptr) groups.push_back(TextTemplate::parse(group_by).value());
  codec::Router router(TextTemplate::parse(path).value(), {}, groups);
  const TopicPartition of{"events.deposit", 3};
  codec::Route routed;
  for (auto _ : state) {
    benchmark::DoNotOptimize(router.route(record, of, event.value(), routed));
  }
  count_records(state, 1, event.value().size());
}
BENCHMARK_CAPTURE(route, path_of_a_header, "/tenants/{header:tenant}/events", nullptr);
BENCHMARK_CAPTURE(route, group_by_a_value, "/events", "{/account_id}");

void compress(benchmark::State& state, codec::Compression compression) {
  const std::string body = body_of_a_batch();
  const auto compressor = codec::Compressor::create(compression);
  std::string packed;
  for (auto _ : state) {
    compressor->compress(body, packed);
    benchmark::DoNotOptimize(packed.data());
  }
  count_records(state, kBatch, body.size());
}
BENCHMARK_CAPTURE(compress, gzip, codec::Compression::gzip);
BENCHMARK_CAPTURE(compress, zstd, codec::Compression::zstd);

}  // namespace
}  // namespace sluice::bench
