#include "fault/outage.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "support/eventually.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Every request that was understood came once.
bool once_each(Trial& trial, std::size_t first) {
  const auto batches = trial.api().batches();
  std::set<std::string> ids;
  for (std::size_t i = first; i < batches.size(); ++i) ids.insert(batches[i].batch_id);
  return ids.size() == batches.size() - first;
}

// Seconds that the pipeline stood for that reason.
double stalled_seconds(Trial& trial, const std::string& reason) {
  return trial.sluice()
      .metric(R"(sluice_stalled_seconds_total{pipeline="p",reason=")" + reason +
              R"(",target="api"})")
      .value_or(-1);
}

double most_requests(const Outage& outage, double seconds) {
  return static_cast<double>(outage.at_first) +
         static_cast<double>(outage.a_second) * (seconds + 1);
}

}  // namespace

void suffer(Trial& trial, const Outage& outage) {
  const auto expect = [&](bool holds, const std::string& what) {
    Trial::require(holds, outage.name + ": " + what);
  };
  const std::size_t first = trial.api().batch_count();
  const double stalled_before = stalled_seconds(trial, outage.reason);
  const auto began = steady_clock::now();
  // Not the requests that come, but those that meet it: some are at work when it begins.
  const auto requests = std::make_shared<std::atomic<std::size_t>>(0);
  trial.api().misbehave([requests, mood = outage.mood](const auto& request, const auto& ids) {
    ++*requests;
    return mood(request, ids);
  });
  if (outage.ends == Ends::taken) {
    expect(trial.flows(), "nothing flows");
  } else {
    expect(trial.shows(R"("reason": ")" + outage.reason + '"'), "no " + outage.reason);
    expect(trial.shows(outage.detail), "/status does not say: " + outage.detail);
  }
  std::this_thread::sleep_until(began + outage.lasts);
  trial.api().misbehave(nullptr);
  const std::chrono::duration<double> took = steady_clock::now() - began;
  const std::string seen = fmt::format("{} requests in {:.1f} s", requests->load(), took.count());
  expect(*requests != 0, "no request came");
  if (outage.ends == Ends::taken) {
    expect(once_each(trial, first), "a request that was understood came again");
  } else {
    expect(static_cast<double>(*requests) <= most_requests(outage, took.count()), seen);
  }
  expect(trial.flows(), "nothing flows afterwards");
  expect(trial.shows(R"("state": "flowing")"), "/status does not say that it is over");
  const auto counted = [&] { return stalled_seconds(trial, outage.reason) > stalled_before; };
  expect(outage.ends == Ends::taken || test::eventually(counted, std::chrono::seconds(5)),
         "the metrics do not say that it stood");
  trial.note(outage.name + ": " + seen);
}

void suffer_all(Run& run, const Setup& setup, const std::vector<Outage>& outages) {
  Trial trial(run, run.brokers, setup);
  trial.start();
  for (const Outage& outage : outages) suffer(trial, outage);
  trial.finish();
  const bool untold = std::any_of(outages.begin(), outages.end(),
                                  [](const Outage& it) { return it.ends == Ends::untold; });
  Trial::require(run.result.peak_rss_bytes < std::size_t{150} << 20, "more memory than 150 MiB");
  Trial::require((run.result.figures.untold != 0) == untold,
                 std::to_string(run.result.figures.untold) + " records whose answer was lost");
}

void while_down(Trial& trial, const std::function<void()>& what) {
  trial.api().doubt(true);
  // Answers that were on their way when nobody doubted them yet.
  std::this_thread::sleep_for(milliseconds(500));
  trial.api().server().stop();
  trial.api().doubt(false);
  what();
  trial.api().server().restart();
}

}  // namespace sluice::fault
