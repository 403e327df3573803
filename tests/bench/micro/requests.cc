// What a request costs: its id, its signature, its place at the gate, its answer.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "auth/hkdf_hmac.h"
#include "bench/hot/deliveries.h"
#include "bench/micro/units.h"
#include "deliver/rate_budget.h"
#include "deliver/record_results.h"
#include "deliver/request_maker.h"

namespace sluice::bench {
namespace {

constexpr std::size_t kBatch = 500;

std::unique_ptr<batch::Batch> make_batch(batch::MemoryMeter& meter) {
  auto batch = std::make_unique<batch::Batch>(codec::BodyFormat::json_array, meter);
  EndlessRecords records(kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    const RecordView record = records.next();
    batch->body().append(*record.value);
    batch->keep(record, i);
  }
  return batch;
}

void hkdf_key(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        auth::derive_key("bench-token", "bench-accountbench-workspace", "hmac-signing"));
  }
  count_records(state, 1, 0);
}
BENCHMARK(hkdf_key);

void hmac_of_a_batch(benchmark::State& state) {
  batch::MemoryMeter meter;
  const auto batch = make_batch(meter);
  const auto signer = make_hkdf_signer();
  auth::Outgoing outgoing;
  outgoing.body = batch->body().frame(0, kBatch);
  for (auto _ : state) {
    auth::Signed signature;
    signer->sign(outgoing, signature);
    benchmark::DoNotOptimize(signature.headers.data());
  }
  count_records(state, kBatch, outgoing.body.size());
}
BENCHMARK(hmac_of_a_batch);

// A delivery of the batch, with its id, and its request with the signature.
void request_of_a_batch(benchmark::State& state) {
  batch::MemoryMeter meter;
  SeededRandom random(1);
  const auto options = deliverer_options();
  const auto signer = make_hkdf_signer();
  deliver::RequestMaker maker(options, meter);
  auto batch = make_batch(meter);
  const std::size_t bytes = batch->body().size();
  for (auto _ : state) {
    deliver::Delivery delivery(1, {"events.deposit", 3}, std::move(batch), options.waits, random,
                               meter);
    benchmark::DoNotOptimize(maker.make(delivery, *signer, WallTime{}).headers.data());
    batch = std::move(delivery.batch);
  }
  count_records(state, kBatch, bytes);
}
BENCHMARK(request_of_a_batch);

// An answer that names each record of the batch, every tenth as one to be sent again.
void results_of_a_batch(benchmark::State& state) {
  batch::MemoryMeter meter;
  const auto batch = make_batch(meter);
  config::Results results;
  results.pointer = "/results";
  results.index = "/index";
  results.status = "/status";
  std::string answer = R"({"results":[)";
  for (std::size_t i = 0; i < kBatch; ++i) {
    answer += (i == 0 ? "" : ",") + std::string(R"({"index":)") + std::to_string(i) +
              R"(,"status":)" + (i % 10 == 0 ? "503}" : "200}");
  }
  answer += "]}";
  const deliver::Sent sent{*batch, batch->all()};
  const auto verdict_of = [](int status) {
    return status < 300 ? Verdict::delivered : Verdict::retry;
  };
  for (auto _ : state) {
    benchmark::DoNotOptimize(deliver::read_results(results, answer, sent, verdict_of));
  }
  count_records(state, kBatch, answer.size());
}
BENCHMARK(results_of_a_batch);

void rate_budget(benchmark::State& state) {
  config::RateLimit limit;
  limit.limit = 1'000'000;
  limit.per = std::chrono::seconds(1);
  Instant now(std::chrono::hours(1));
  deliver::RateBudget budget({limit}, 1 << 20, now);
  for (auto _ : state) {
    now += std::chrono::microseconds(10);
    const deliver::RequestSize request{kBatch, kBatch * DepositEvent::kBytes};
    if (!budget.wait_for(request, {}, now)) budget.take(request);
  }
  count_records(state, 1, 0);
}
BENCHMARK(rate_budget);

// A place at the gate of a target with one limit, and the answer that gives it back.
void target_gate(benchmark::State& state) {
  config::Target target;
  target.name = "api";
  config::RateLimit limit;
  limit.limit = 1'000'000'000;
  limit.per = std::chrono::seconds(1);
  target.rate_limit = {limit};
  config::Pipeline pipeline;
  pipeline.name = "deposits";
  pipeline.path = "/events/deposit";
  test::FakeClock clock;
  SilentLog log;
  telemetry::Metrics metrics("bench");
  deliver::TargetGate gate(target, {pipeline}, 1, clock, metrics.target("api"), log);
  deliver::PipelineAdmission admission({gate, gate.add_pipeline(pipeline)}, [] {});
  admission.set_partitions(1, 1, clock.now());
  deliver::Judgement delivered;
  delivered.verdict = Verdict::delivered;
  const http::Answer answer{200, {}, {}};
  for (auto _ : state) {
    clock.advance(std::chrono::microseconds(10));
    const auto pass = admission.ask(1, {kBatch, kBatch * DepositEvent::kBytes}, clock.now());
    if (!pass) continue;
    admission.answered(*pass, delivered, deliver::Blame::target, &answer, clock.now(), clock.now());
  }
  count_records(state, 1, 0);
}
BENCHMARK(target_gate);

}  // namespace
}  // namespace sluice::bench
