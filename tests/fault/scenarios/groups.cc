// Members that come, go, freeze, die and are taken for each other.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <thread>

#include "fault/bystander.h"
#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/wall_time.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kQuickSession = "session.timeout.ms: 6000, heartbeat.interval.ms: 500";
constexpr const char* kStatic = "instance_id: fault\n";
constexpr std::size_t kPartitions = 4;
constexpr Allowed kMembershipLost{.losses = 1};

void wait_for_members(const Trial& trial, std::size_t count) {
  Trial::require(test::wait_for_members(trial.brokers(), trial.group(), count, seconds(30)),
                 "the group does not come to have " + std::to_string(count) + " members");
}

// A trial with two members that share the partitions.
void start_two(Trial& trial) {
  trial.start();
  trial.start_sluice();
  wait_for_members(trial, 2);
  Trial::require(trial.flows(), "nothing flows with two members");
}

std::size_t count_of(Trial& trial, const std::string& event) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < trial.sluice_count(); ++i) {
    count += trial.sluice(i).events(event).size();
  }
  return count;
}

std::size_t records_that_took(const Trial& trial, milliseconds time) {
  std::size_t count = 0;
  for (const SeenBatch& batch : trial.api().batches()) {
    if (batch.done_ms - batch.came_ms >= time.count()) count += batch.ids.size();
  }
  return count;
}

// Every 200 ms one joins or leaves, up to three at a time.
void storm(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kQuickSession});
  start_two(trial);
  const auto until = std::chrono::steady_clock::now() + seconds(10);
  std::vector<std::unique_ptr<Bystander>> members;
  for (int round = 0; std::chrono::steady_clock::now() < until; ++round) {
    if (round % 2 == 0 || members.empty()) {
      members.push_back(std::make_unique<Bystander>(trial.brokers(), trial.group(), trial.topic()));
    } else if (members.size() == 3 || round % 4 == 1) {
      members.erase(members.begin());
    }
    std::this_thread::sleep_for(milliseconds(200));
  }
  members.clear();
  wait_for_members(trial, 2);
  const std::size_t revoked = count_of(trial, "partitions_revoked");
  trial.note(std::to_string(revoked) + " revokes");
  Trial::require(revoked >= 10, "it was no storm");
  Trial::require(count_of(trial, "partitions_lost") == 0, "a member lost its partitions");
  trial.finish();
}

// A member that joins and leaves at once, with requests under way.
void revoke_and_back(Run& run) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(300)}, .kafka = kQuickSession});
  const std::string other = trial.topic() + "-other";
  test::create_topic(trial.brokers(), {.name = other});
  trial.start();
  for (std::size_t round = 1; round <= 3; ++round) {
    {
      const Bystander bystander(trial.brokers(), trial.group(), other);
      Trial::require(trial.sluice().wait_for_event("partitions_revoked", seconds(15), round),
                     "the partitions were not revoked");
    }
    Trial::require(trial.flows(), "nothing flows after the partitions came back");
  }
  Trial::require(count_of(trial, "partitions_lost") == 0, "the partitions were lost");
  trial.api().work_for(milliseconds(5));
  trial.finish();
}

// Half of the partitions go to another member while their requests last longer than may be waited
// for. The new owner is far beyond them when the API is done with them.
void revoke_too_soon(Run& run) {
  constexpr milliseconds kSlow(5000);
  Trial trial(run, run.brokers,
              {.kafka = kQuickSession,
               .timeouts = "timeout: 10s, circuit_breaker: {open_for: 1s}",
               .pipeline = "drain_timeout: 1s"});
  trial.start();
  trial.api().work_for(kSlow);
  const std::size_t before = trial.api().batch_count();
  Trial::require(test::eventually([&] { return trial.api().batch_count() >= before + kPartitions; },
                                  seconds(10), milliseconds(10)),
                 "no request is under way in every partition");
  const auto overdue = std::chrono::steady_clock::now() + kSlow + seconds(1);
  auto& first = trial.sluice();
  const std::int64_t from_ms = now_ms();
  trial.start_sluice();
  Trial::require(first.wait_for_event("partitions_revoked", seconds(10)), "nothing was revoked");
  trial.note_loss({from_ms, now_ms()});  // of the requests under way
  trial.api().work_for(milliseconds(5));
  Trial::require(trial.flows(), "nothing flows with two members");
  Trial::require(std::chrono::steady_clock::now() < overdue - seconds(1), "it came too late");
  std::this_thread::sleep_until(overdue);
  Trial::require(trial.flows(), "nothing flows after the late answers");
  Trial::require(count_of(trial, "partitions_lost") == 0, "the partitions were lost");
  trial.finish();
  const std::size_t late = records_that_took(trial, kSlow);
  Trial::require(late != 0 && run.result.figures.repeated == late,
                 fmt::format("{} records repeated where the answers to {} came too late",
                             run.result.figures.repeated, late));
}

// A second process of the same instance id: the broker knows the last that came. The two must not
// throw each other out from then on.
void fence(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  trial.start();
  auto& first = trial.sluice();
  trial.start_sluice();
  const auto named = [&] {
    return first.status().find("another process has joined with our instance_id") !=
           std::string::npos;
  };
  Trial::require(test::eventually(named, seconds(20), milliseconds(50)),
                 "the member that was fenced does not say so");
  std::this_thread::sleep_for(seconds(6));
  Trial::require(first.running() && trial.sluice().running(), "a process ended");
  Trial::require(count_of(trial, "partitions_assigned") == 2, "the two fence each other");
  Trial::require(trial.flows(), "the one that has the partitions does not flow");
  trial.finish(kMembershipLost);
}

// For longer than its session, while another member takes over.
void freeze(Run& run) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(50)}, .kafka = kQuickSession});
  trial.start();
  auto& first = trial.sluice();
  first.signal(SIGSTOP);
  trial.start_sluice();
  Trial::require(trial.flows(), "the second member does not take over");
  const std::size_t lost = first.events("partitions_lost").size();
  first.signal(SIGCONT);
  Trial::require(first.wait_for_event("partitions_lost", seconds(20), lost + 1),
                 "the first member does not see that it has lost its partitions");
  wait_for_members(trial, 2);
  trial.api().work_for(milliseconds(5));
  trial.finish(kMembershipLost);
}

void evict_and_go_on(Run& run) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(50)}, .kafka = kQuickSession});
  start_two(trial);
  for (std::size_t round = 1; round <= 2; ++round) {
    const std::int64_t evicted_ms = now_ms();
    for (const auto& member : test::group_members(trial.brokers(), trial.group())) {
      evict(trial.brokers(), trial.group(), member.id);
    }
    const auto seen = [&] { return count_of(trial, "partitions_lost") >= 2 * round; };
    Trial::require(test::eventually(seen, seconds(20), milliseconds(50)),
                   "the members do not see that they were put out");
    // Who was put out goes on until he sees it, and so does the next owner, request after request.
    trial.note_loss({evicted_ms, now_ms()});
    wait_for_members(trial, 2);
    Trial::require(trial.flows(), "nothing flows after the members came back");
  }
  trial.api().work_for(milliseconds(5));
  trial.finish();
}

void kill_one_of_two(Run& run) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(50)}, .kafka = kQuickSession});
  start_two(trial);
  trial.kill_sluice();
  Trial::require(trial.flows(), "the other member does not take over");
  trial.api().work_for(milliseconds(5));
  trial.finish();
}

}  // namespace

std::vector<Scenario> group_scenarios() {
  return {{.name = "group-storm",
           .weight = Weight::full,
           .cases = {9},
           .what = "members come and go every 200 ms for 10 s; nothing is repeated",
           .play = storm},
          {.name = "group-back-at-once",
           .weight = Weight::quick,
           .cases = {10, 12},
           .what = "partitions are revoked with requests under way and come straight back",
           .play = revoke_and_back},
          {.name = "group-revoke-overdue",
           .weight = Weight::quick,
           .cases = {10, 12},
           .what = "requests outlast drain_timeout at a revoke; their late answers change nothing",
           .play = revoke_too_soon},
          {.name = "group-fenced",
           .weight = Weight::quick,
           .cases = {13},
           .what = "a second process with the same instance_id; the fenced one says so and stops",
           .play = fence},
          {.name = "group-frozen",
           .weight = Weight::full,
           .cases = {11, 12},
           .what = "SIGSTOP beyond the session; nothing of the old assignment goes out afterwards",
           .play = freeze},
          {.name = "group-evicted",
           .weight = Weight::quick,
           .cases = {11},
           .what = "the coordinator forgets the members, twice; they come back",
           .play = evict_and_go_on},
          {.name = "group-one-killed",
           .weight = Weight::full,
           .cases = {11, 46},
           .what = "SIGKILL of one of two members; the other one takes over",
           .play = kill_one_of_two}};
}

}  // namespace sluice::fault
