// Load for a long time, with the API failing in turns: nothing may grow.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <unordered_map>

#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/vitals.h"
#include "fault/wall_time.h"

namespace sluice::fault {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using test::Fault;

// Every fault of the API for 1 s, with 4 s between them: memory that an error path leaks shows.
constexpr int kTurn = 5;
// In less time what grows does not stand out from what fluctuates.
constexpr std::chrono::minutes kLeast(15);

std::vector<Mood> moods() {
  return {always({.status = 503}),
          always({.status = 429, .headers = {{"Retry-After", "1"}}}),
          always({.status = 401}),
          always({.fault = Fault::hang}),
          takes_but(Fault::reset_after_request),
          always({.fault = Fault::half_answer}),
          always({.fault = Fault::garbage})};
}

std::vector<Vitals> watch(Trial& trial, seconds time) {
  const std::vector<Mood> turns = moods();
  const auto start = steady_clock::now();
  std::vector<Vitals> samples;
  for (int second = 0; second < time.count(); ++second) {
    const auto turn = static_cast<std::size_t>(second / kTurn);
    if (second % kTurn == 0) trial.api().misbehave(turns[turn % turns.size()]);
    if (second % kTurn == 1) trial.api().misbehave(nullptr);
    std::this_thread::sleep_until(start + seconds(second + 1));
    samples.push_back(vitals_of(trial.sluice().pid(), second));
    trial.sluice().metrics();  // scraped as in production
  }
  return samples;
}

// The warm-up is no growth: connections, pools and the allocator's arenas fill.
std::vector<Point> points_of(const std::vector<Vitals>& samples, double Vitals::* what) {
  std::vector<Point> points;
  for (std::size_t i = samples.size() / 4; i < samples.size(); ++i) {
    points.push_back({.at = samples[i].second, .value = samples[i].*what});
  }
  return points;
}

void expect_flat(Trial& trial, const std::string& name, const std::vector<Point>& points,
                 double most_growth) {
  Trial::require(points.size() > 100, "too few samples of " + name);
  const Trend trend = trend_of(points);
  trial.note(fmt::format("{}: {:.1f} on average, {:+.2f} in {:.0f} s ({:+.1f} an hour)", name,
                         trend.mean, trend.growth, points.back().at - points.front().at,
                         trend.per_hour));
  trial.expect(trend.growth <= most_growth,
               fmt::format("{} grows: {:+.2f} in the run, more than {:.2f}", name, trend.growth,
                           most_growth));
}

// From a record's production until the API had it; those that a fault delayed tell nothing.
std::vector<Point> latencies(const Trial& trial, std::int64_t start_ms, double least_second) {
  std::unordered_map<std::string, std::int64_t> produced;
  const std::vector<Produced> records = trial.book().confirmed();
  for (const Produced& record : records) produced.emplace(record.id, record.at_ms);
  std::vector<Point> points;
  for (const SeenBatch& batch : trial.api().batches()) {
    if (!batch.taken || batch.ids.empty()) continue;
    const auto found = produced.find(batch.ids.back());
    if (found == produced.end()) continue;
    const double second = static_cast<double>(found->second - start_ms) / 1000;
    const auto in_turn = static_cast<int>(second) % kTurn;
    if (second < least_second || in_turn < kTurn - 1) continue;
    points.push_back({.at = second, .value = static_cast<double>(batch.came_ms - found->second)});
  }
  return points;
}

void soak(Run& run) {
  Trial trial(run, run.brokers, {.per_second = 1000, .poison_every = 500});
  trial.start();
  const seconds time = std::max<seconds>(run.time, kLeast);
  const std::int64_t start_ms = now_ms();
  const std::vector<Vitals> samples = watch(trial, time);
  expect_flat(trial, "RSS in MiB", points_of(samples, &Vitals::rss_mib), 2);
  expect_flat(trial, "descriptors", points_of(samples, &Vitals::descriptors), 2);
  expect_flat(trial, "threads", points_of(samples, &Vitals::threads), 0.5);
  const auto warm = static_cast<double>(time.count()) / 4;
  expect_flat(trial, "latency in ms", latencies(trial, start_ms, warm), 50);
  trial.finish();
}

}  // namespace

std::vector<Scenario> soak_scenarios() {
  return {
      {.name = "soak",
       .weight = Weight::full,
       .cases = {52},
       .what = "load and every fault of the API in turns for --minutes, at least 15: nothing grows",
       .play = soak}};
}

}  // namespace sluice::fault
