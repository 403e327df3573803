// Memory is bounded by its budget, whatever waits in Kafka and however long the API is in trouble.
#include <fmt/format.h>

#include <map>
#include <string>
#include <thread>

#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/vitals.h"
#include "support/eventually.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPromisedBesides = 64;  // MiB beside the budget

struct Load {
  std::int32_t partitions = 64;
  std::int64_t each = 6;                               // records of a partition
  std::size_t record = (std::size_t{1} << 20) - 2048;  // bytes
  int budget = 256;                                    // MiB
  seconds lasts{15};
  int keys = 0;  // 0: by partition
  std::string timeouts = "timeout: 5s, circuit_breaker: {open_for: 1s, max_open_for: 2s}";
  std::string pipeline = {};
  std::map<std::string, std::string> topic = {};
};

void require_within(Trial& trial, const Load& load, const std::string& when) {
  const double peak = peak_rss_mib(trial.sluice().pid());
  trial.note(fmt::format("peak RSS {}: {:.0f} MiB, budget {} MiB", when, peak, load.budget));
  Trial::require(peak <= load.budget + kPromisedBesides,
                 fmt::format("RSS reached {:.0f} MiB {}, more than the budget of {} MiB and {} MiB",
                             peak, when, load.budget, kPromisedBesides));
}

// More than the budget waits in Kafka while nothing gets through, and then all of it does.
void fill_memory(Run& run, const Load& load, const Mood& mood) {
  Trial trial(run, run.brokers,
              {.partitions = load.partitions,
               .topic_configs = load.topic,
               .keys = load.keys,
               .padding = load.record,
               .order = load.keys == 0 ? "partition" : "key",
               .kafka = "session.timeout.ms: 6000, heartbeat.interval.ms: 500",
               .timeouts = load.timeouts,
               .pipeline = load.pipeline,
               .top = fmt::format("memory: {{budget: {}MiB}}\n", load.budget)});
  trial.api().misbehave(mood);
  trial.feed().add(load.each);
  trial.start_sluice();
  Trial::require(trial.sluice().wait_for_event("partitions_assigned", seconds(20)),
                 "no partitions are assigned");
  std::this_thread::sleep_for(load.lasts);
  require_within(trial, load, "in the fault");
  Trial::require(trial.api().batch_count() > 0, "nothing was tried");
  Trial::require(trial.api().taken_count() == 0, "the API took something in its trouble");
  const double now = vitals_of(trial.sluice().pid(), 0).rss_mib;
  Trial::require(now >= load.budget / 3.0,
                 fmt::format("only {:.0f} MiB are used, which is no trial of the bound", now));
  trial.heal();
  const auto all = static_cast<std::size_t>(load.each) * static_cast<std::size_t>(load.partitions);
  Trial::require(test::eventually([&] { return trial.api().taken_count() >= all; }, seconds(90),
                                  milliseconds(100)),
                 fmt::format("only {} of {} records were taken within 90 s of the end of the fault",
                             trial.api().taken_count(), all));
  require_within(trial, load, "at the end");
  trial.finish({.recovery_seconds = 90});
}

Scenario under(const std::string& name, const std::string& trouble, std::vector<int> cases,
               const Mood& mood, Load load = {}) {
  return {
      .name = "memory-" + name,
      .weight = load.partitions == 16 ? Weight::quick : Weight::full,
      .cases = std::move(cases),
      .what = fmt::format("{} partitions of {:.0f} MiB records, {}; RSS within the budget",
                          load.partitions, static_cast<double>(load.record) / (1 << 20), trouble),
      .play = [=](Run& run) { fill_memory(run, load, mood); }};
}

}  // namespace

std::vector<Scenario> memory_scenarios() {
  const Mood hang = always({.fault = test::Fault::hang});
  const Mood storm = always({.status = 429, .headers = {{"Retry-After", "1"}}});
  const Mood down = always({.status = 503});
  return {under("few", "an open breaker", {49}, down,
                {.partitions = 16, .each = 8, .budget = 64, .lasts = seconds(3)}),
          under("hang", "an API that hangs", {26, 49}, hang),
          under("429", "a storm of 429", {29, 49}, storm),
          under("503", "an open breaker", {49}, down),
          under("keys", "of 4 keys each, in the order of keys, an open breaker", {49}, down,
                {.each = 12, .keys = 4}),
          under("large", "10 MB each, an open breaker", {49}, down,
                {.each = 1,
                 .record = 10'000'000,
                 .timeouts = "timeout: 30s, circuit_breaker: {open_for: 1s, max_open_for: 2s}",
                 .pipeline = "max_record_bytes: 10MiB",
                 .topic = {{"max.message.bytes", "12582912"}}})};
}

}  // namespace sluice::fault
