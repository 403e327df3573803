// SIGKILL in each window of a record's way.
#include <fmt/format.h>

#include <csignal>
#include <random>
#include <thread>

#include "fault/scenario.h"
#include "fault/trial.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The member that comes after it takes over at once, and the trial need not wait for the session.
constexpr const char* kStatic = "instance_id: fault\n";

test::SluiceOptions armed(const std::string& point, int nth) {
  return {.env = {{"SLUICE_FAILPOINT", point + ":" + std::to_string(nth)}}};
}

// Where the process ends itself, and at which passing.
struct Point {
  std::string name;
  int nth = 1;
};

// Dies there twice in a row, comes back, and goes on: what the first death left behind meets the
// second one.
void die_at(Run& run, const Point& point, const Setup& setup) {
  Trial trial(run, run.brokers, setup);
  trial.feed().start();
  for (int death = 0; death < 2; ++death) {
    trial.start_sluice(armed(point.name, point.nth));
    trial.wait_for_death();
  }
  trial.start_sluice();
  trial.finish();
}

Scenario kill_at(const std::string& name, const Point& point, const std::string& what,
                 Setup setup = {}) {
  setup.top += kStatic;
  return {.name = name,
          .weight = Weight::quick,
          .cases = {46},
          .what = "SIGKILL, twice, " + what,
          .play = [=](Run& run) { die_at(run, point, setup); }};
}

// While the API has a request and has not answered it.
void die_while_sending(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  trial.start();
  const pid_t pid = trial.sluice().pid();
  trial.api().on_request([pid] { ::kill(pid, SIGKILL); });
  trial.wait_for_death();
  trial.api().on_request(nullptr);
  trial.start_sluice();
  trial.finish();
}

// Dies at that point of its stop.
void die_in_a_stop(Run& run, const std::string& point) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(200)}, .top = kStatic});
  trial.start(armed(point, 1));
  trial.sluice().signal(SIGTERM);
  trial.wait_for_death();
  trial.start_sluice();
  trial.finish();
}

// Dies at that point of the rebalance that a second member brings, which has to take over all.
void die_in_a_rebalance(Run& run, const std::string& point) {
  Trial trial(run, run.brokers,
              {.api = {.work = milliseconds(200)},
               .kafka = "session.timeout.ms: 6000, heartbeat.interval.ms: 500"});
  trial.start(armed(point, 1));
  auto& first = trial.sluice();
  trial.start_sluice();
  trial.wait_for_death(first);
  trial.finish();
}

// Five times, at random moments of a fast and of a slow API; each successor flows in time.
void die_at_random(Run& run, const std::string& top, double seconds_to_flow) {
  Trial trial(run, run.brokers,
              {.per_second = 2000,
               .kafka = "session.timeout.ms: 6000, heartbeat.interval.ms: 500",
               .top = top});
  trial.start();
  std::mt19937_64 random(run.seed);
  std::uniform_int_distribution<int> work(0, 1);
  std::uniform_int_distribution<int> moment(0, 1500);
  std::string flowed;
  for (int death = 0; death < 5; ++death) {
    trial.api().work_for(milliseconds(work(random) == 0 ? 5 : 200));
    Trial::require(trial.flows(), "nothing flows before a kill");
    std::this_thread::sleep_for(milliseconds(moment(random)));
    trial.kill_sluice();
    const auto start = std::chrono::steady_clock::now();
    trial.start_sluice();
    Trial::require(trial.flows(), "nothing flows after a kill");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    Trial::require(took.count() < seconds_to_flow, "a successor flowed too late");
    flowed += fmt::format(" {:.1f}", took.count());
  }
  trial.note("seconds until the successors flowed:" + flowed);
  trial.api().work_for(milliseconds(5));
  trial.finish();
}

std::vector<Scenario> in_flight() {
  Setup by_key;
  by_key.keys = 20;
  by_key.api.work = milliseconds(20);
  by_key.order = "key";
  return {
      kill_at("kill-after-poll", {"record_polled", 700}, "with records polled and not sent"),
      kill_at("kill-before-send", {"request_made", 20}, "between signing and sending"),
      {.name = "kill-after-send",
       .weight = Weight::quick,
       .cases = {46},
       .what = "SIGKILL while the API works on a request",
       .play = die_while_sending},
      kill_at("kill-after-answer", {"answer_received", 20}, "with an answer that nobody read"),
      kill_at("kill-before-commit", {"outcome_noted", 20}, "with outcomes that are not committed"),
      kill_at("kill-in-commit", {"commit_asked", 5}, "between a commit and its confirmation"),
      kill_at("kill-after-commit", {"commit_confirmed", 5}, "after a confirmed commit"),
      kill_at("kill-keys-before-commit", {"outcome_noted", 40},
              "with outcomes of many keys that are not committed", by_key),
      kill_at("kill-keys-in-commit", {"commit_asked", 5},
              "between a commit with metadata and its confirmation", by_key)};
}

std::vector<Scenario> of_dead_letters() {
  const Setup poisoned{.poison_every = 40};
  return {kill_at("kill-after-dead-letter-sent", {"dead_letter_written", 2},
                  "with a dead letter on its way", poisoned),
          kill_at("kill-after-dead-letter", {"dead_letter_confirmed", 2},
                  "between a dead letter's confirmation and the commit", poisoned)};
}

Scenario in_stop(const std::string& name, const std::string& point, const std::string& what) {
  return {
      .name = name, .weight = Weight::quick, .cases = {46}, .what = what, .play = [=](Run& run) {
        die_in_a_stop(run, point);
      }};
}

Scenario in_rebalance(const std::string& name, const std::string& point, const std::string& what) {
  return {
      .name = name, .weight = Weight::full, .cases = {10, 46}, .what = what, .play = [=](Run& run) {
        die_in_a_rebalance(run, point);
      }};
}

std::vector<Scenario> of_partings() {
  return {in_stop("kill-in-drain", "draining", "SIGKILL in the drain of a stop"),
          in_stop("kill-after-last-commit", "revoke_committed",
                  "SIGKILL between the last commit of a stop and its end"),
          in_rebalance("kill-in-revoke", "draining",
                       "SIGKILL in the drain of a rebalance; the other member takes over"),
          in_rebalance("kill-after-revoke", "revoke_committed",
                       "SIGKILL between the commit of a rebalance and giving up the partitions"),
          {.name = "kill-at-random",
           .weight = Weight::full,
           .cases = {46},
           .what = "five SIGKILLs at random moments under load, successors wait for the session",
           .play = [](Run& run) { die_at_random(run, "", 6 + 5); }},
          {.name = "kill-at-random-static",
           .weight = Weight::quick,
           .cases = {46},
           .what = "the same with instance_id: successors take over at once",
           .play = [](Run& run) { die_at_random(run, kStatic, 4); }}};
}

}  // namespace

std::vector<Scenario> kill_scenarios() {
  std::vector<Scenario> all = in_flight();
  for (auto& scenario : of_dead_letters()) all.push_back(std::move(scenario));
  for (auto& scenario : of_partings()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace sluice::fault
