// A broker of its own that dies, stands still, or is not there when Sluice starts or ends.
#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kShortSession =
    "session.timeout.ms: 6000, heartbeat.interval.ms: 500, reconnect.backoff.max.ms: 1000";
constexpr const char* kUnreachable = "\"state\": \"broker_unreachable\"";
constexpr const char* kFlowing = "\"state\": \"flowing\"";
constexpr std::array kOfTheBroker = {kUnreachable, "\"state\": \"kafka_error\"",
                                     "\"state\": \"commit_failing\""};

// Its session may be over by the time the broker is back.
constexpr Allowed kMembershipLost{.losses = 1};

void require_named(Trial& trial) {
  Trial::require(says(trial.sluice(), kUnreachable), "/status does not name the broker");
}

void expect_flow(Trial& trial, seconds within = seconds(40)) {
  Trial::require(trial.flows(within), "nothing flows with the broker back");
  Trial::require(says(trial.sluice(), kFlowing), "records flow, and /status does not say so");
}

void kill_the_broker(Run& run) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.kafka = kShortSession});
  trial.start();
  broker.kill();
  require_named(trial);
  broker.start();
  trial.heal();
  expect_flow(trial, seconds(15));
  trial.finish(kMembershipLost);
}

// For longer than a session of 10 s: the member has to join anew, and its former self's has to end
// first.
void leave_without_the_broker(Run& run) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.kafka = "session.timeout.ms: 10000"});
  trial.start();
  broker.kill();
  require_named(trial);
  Trial::require(trial.sluice().wait_for_event("partitions_lost", seconds(30)),
                 "the session does not end");
  Trial::require(!says(trial.sluice(), kFlowing, milliseconds(0)), "it says that records flow");
  broker.start();
  trial.heal();
  expect_flow(trial, seconds(25));
  trial.finish(kMembershipLost);
}

// Again and again, each time as soon as records flow.
void kill_the_broker_often(Run& run) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.poison_every = 100, .kafka = kShortSession});
  trial.start();
  for (int i = 0; i < 5; ++i) {
    broker.kill();
    broker.start();
    Trial::require(trial.flows(), "nothing flows with the broker back");
  }
  trial.finish({.losses = 5});
}

// All connections stay open, and nobody answers.
void freeze_the_broker(Run& run, seconds time) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.kafka = kShortSession});
  trial.start();
  broker.pause();
  const auto thaw = std::chrono::steady_clock::now() + time;
  const auto named = [&] {
    const std::string status = trial.sluice().status();
    return std::any_of(kOfTheBroker.begin(), kOfTheBroker.end(),
                       [&](const char* state) { return status.find(state) != std::string::npos; });
  };
  Trial::require(test::eventually(named, time, milliseconds(50)),
                 "/status does not say that the broker stands still");
  std::this_thread::sleep_until(thaw);
  // What it held was sent, or not: it was not told of more, nor has it a session any more.
  const std::size_t before = trial.api().batch_count();
  std::this_thread::sleep_for(seconds(1));
  Trial::require(trial.api().batch_count() == before, "records go out while the broker is frozen");
  broker.resume();
  trial.heal();
  expect_flow(trial);
  trial.finish(kMembershipLost);
}

void start_without_the_broker(Run& run) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.kafka = kShortSession});
  trial.feed().add(200);
  broker.stop();
  trial.start_sluice();
  require_named(trial);
  int code = 0;
  trial.sluice().get("/readyz", &code);
  Trial::require(code == 503, "it says that it is ready without a broker");
  broker.start();
  trial.heal();
  trial.feed().start();
  expect_flow(trial);
  trial.finish();
}

// It cannot commit what was answered, so that the next one sends it again.
void stop_without_the_broker(Run& run) {
  test::KafkaBroker broker;
  Trial trial(run, broker.brokers(), {.kafka = kShortSession, .top = "shutdown_timeout: 4s\n"});
  trial.start();
  broker.kill();
  require_named(trial);
  trial.sluice().signal(SIGTERM);
  const auto status = trial.sluice().wait(seconds(6));
  Trial::require(status.has_value(), "SIGTERM does not end Sluice within shutdown_timeout");
  trial.note("exit code without the broker: " + std::to_string(status->code));
  broker.start();
  trial.start_sluice();
  trial.finish(kMembershipLost);
}

}  // namespace

std::vector<Scenario> broker_scenarios() {
  return {{.name = "broker-killed",
           .weight = Weight::quick,
           .cases = {1, 15},
           .what = "SIGKILL of the only broker under load, and its start once /status names it",
           .play = kill_the_broker},
          {.name = "broker-killed-often",
           .weight = Weight::full,
           .cases = {1, 15},
           .what = "five SIGKILLs of the only broker, with dead letters on their way",
           .play = kill_the_broker_often},
          {.name = "broker-gone",
           .weight = Weight::quick,
           .cases = {1, 11},
           .what = "the only broker is gone for longer than a session, under load",
           .play = leave_without_the_broker},
          {.name = "broker-frozen",
           .weight = Weight::quick,
           .cases = {2, 11},
           .what = "SIGSTOP of the only broker for 8 s, longer than a session",
           .play = [](Run& run) { freeze_the_broker(run, seconds(8)); }},
          {.name = "broker-frozen-long",
           .weight = Weight::full,
           .cases = {2, 11},
           .what = "SIGSTOP of the only broker for 30 s",
           .play = [](Run& run) { freeze_the_broker(run, seconds(30)); }},
          {.name = "broker-down-at-start",
           .weight = Weight::quick,
           .cases = {16},
           .what = "no broker when Sluice starts; it waits, and is not ready",
           .play = start_without_the_broker},
          {.name = "broker-down-at-stop",
           .weight = Weight::quick,
           .cases = {16, 47},
           .what = "no broker at SIGTERM; it ends within shutdown_timeout",
           .play = stop_without_the_broker}};
}

}  // namespace sluice::fault
