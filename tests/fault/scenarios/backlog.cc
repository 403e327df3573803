// What waits in Kafka takes no memory, however much of it there is.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include "fault/light.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/vitals.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr double kGrowth = 32;  // MiB that the second half may need more than the first

// Samples of RSS until it is done; throws when it is not within `time`.
std::vector<double> rss_until(pid_t pid, seconds time, const std::function<bool()>& done) {
  std::vector<double> rss;
  const auto end = steady_clock::now() + time;
  while (!done()) {
    Trial::require(steady_clock::now() < end,
                   fmt::format("the backlog is not done within {} s", time.count()));
    rss.push_back(vitals_of(pid, 0).rss_mib);
    std::this_thread::sleep_for(milliseconds(50));
  }
  Trial::require(rss.size() >= 8, "too few samples of RSS");
  return rss;
}

// In words. What has been read ahead comes and goes, so that there is no one level.
std::string require_flat(const std::vector<double>& rss) {
  constexpr std::ptrdiff_t kParts = 8;
  const auto part = static_cast<std::ptrdiff_t>(rss.size()) / kParts;
  std::string text = "RSS at most, in eighths of the time, MiB:";
  std::vector<double> most;
  for (std::ptrdiff_t i = 0; i < kParts; ++i) {
    const auto from = rss.begin() + i * part;
    most.push_back(*std::max_element(from, i + 1 == kParts ? rss.end() : from + part));
    text += fmt::format(" {:.0f}", most.back());
  }
  const auto middle = most.begin() + kParts / 2;
  Trial::require(
      *std::max_element(middle, most.end()) <= *std::max_element(most.begin(), middle) + kGrowth,
      text);
  return text;
}

void drain_some(Run& run) {
  constexpr std::int64_t kEach = 50'000;
  Trial trial(run, run.brokers,
              {.padding = 120, .api = {.work = milliseconds(10)}, .max_records = 500});
  trial.feed().add(kEach);
  trial.start_sluice();
  const auto rss = rss_until(trial.sluice().pid(), seconds(60), [&] {
    return trial.api().taken_count() >= static_cast<std::size_t>(4 * kEach);
  });
  trial.note(require_flat(rss));
  trial.finish();
}

std::string config_of(const Run& run, const std::string& topic, const LightApi& api) {
  return fmt::format(
      "kafka: {{brokers: ['{}']}}\nadmin: {{listen: '127.0.0.1:0'}}\nlog: {{format: json}}\n"
      "targets:\n  api: {{base_url: '{}'}}\npipelines:\n  p: {{topics: [{}], group: {}-group, "
      "target: api, path: /records, batch: {{max_records: 5000}}, dead_letter: none}}\n",
      run.brokers, api.url(), topic, topic);
}

void require_all(const LightApi::Seen& seen, std::int64_t produced) {
  Trial::require(
      seen.records == produced && seen.repeated == 0 && seen.unknown == 0 && seen.disorder == 0,
      fmt::format("of {}: {} came, {} again, {} unknown, {} out of order", produced, seen.records,
                  seen.repeated, seen.unknown, seen.disorder));
}

void drain_millions(Run& run) {
  constexpr std::int32_t kPartitions = 8;
  constexpr std::int64_t kEach = 1'250'000;
  constexpr double kBound = 256 + 64;
  const std::string topic = run.result.name;
  test::create_topic(run.brokers, {.name = topic, .partitions = kPartitions});
  write_numbers(run.brokers, topic, kPartitions, kEach);

  LightApi api(kPartitions, kEach);
  test::SluiceProcess sluice(config_of(run, topic, api));
  const auto began = steady_clock::now();
  const auto rss = rss_until(sluice.pid(), seconds(240),
                             [&] { return api.seen().records >= kPartitions * kEach; });
  const std::chrono::duration<double> took = steady_clock::now() - began;
  run.result.notes.push_back(require_flat(rss));
  run.result.notes.push_back(fmt::format("{} requests in {:.0f} s", api.requests(), took.count()));
  const auto committed = [&] {
    return test::committed_offsets(run.brokers, topic + "-group", topic) ==
           test::end_offsets(run.brokers, topic);
  };
  Trial::require(test::eventually(committed, seconds(20)), "the commits do not reach the end");
  const double peak = peak_rss_mib(sluice.pid());
  sluice.signal(SIGTERM);
  const auto status = sluice.wait(seconds(30));
  Trial::require(status && status->code == 0, "SIGTERM does not end it well");
  std::ofstream(run.dir / "sluice-1.log") << sluice.log();
  require_all(api.seen(), kPartitions * kEach);
  run.result.peak_rss_bytes = static_cast<std::uint64_t>(peak * (1 << 20));
  run.result.figures.produced = kPartitions * kEach;
  run.result.figures.delivered = static_cast<std::size_t>(api.seen().records);
  run.result.figures.requests = api.requests();
  Trial::require(peak <= kBound, "RSS is beyond the budget and 64 MiB");
}

}  // namespace

std::vector<Scenario> backlog_scenarios() {
  return {{.name = "backlog-200-thousand",
           .weight = Weight::quick,
           .cases = {49},
           .what = "200,000 records of 200 bytes wait; RSS is flat while they are delivered",
           .play = drain_some},
          {.name = "backlog-10-million",
           .weight = Weight::full,
           .cases = {49},
           .what = "10 million records wait; each comes once, in order, RSS flat and within the "
                   "budget",
           .play = drain_millions}};
}

}  // namespace sluice::fault
