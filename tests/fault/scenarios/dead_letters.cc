// A dead-letter topic that does not take what is set aside: nothing is committed past the record
// until it does.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "fault/outage.h"
#include "fault/scenario.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/kafka_cluster.h"
#include "support/tcp_proxy.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kUnwritable = R"("reason": "dead_letter_unwritable")";
constexpr const char* kStalledSeconds =
    R"(sluice_stalled_seconds_total{pipeline="p",reason="dead_letter_unwritable",target="api"})";
constexpr const char* kWriteFailures =
    R"(sluice_dead_letter_write_failures_total{pipeline="p",target="api"})";
// The judge compares the broker's time of a dead letter with that of commits.
const std::map<std::string, std::string> kLetterConfigs = {
    {"message.timestamp.type", "LogAppendTime"}};

std::map<std::string, std::string> and_also(const std::string& name, const std::string& value) {
  auto configs = kLetterConfigs;
  configs[name] = value;
  return configs;
}

Setup poisoned() { return {.poison_every = 100, .timeouts = kQuickTarget}; }

std::int64_t first_poison(const Trial& trial) {
  const auto records = trial.book().confirmed();
  const auto found =
      std::find_if(records.begin(), records.end(), [](const Produced& it) { return it.poison; });
  return found == records.end() ? -1 : found->offset;
}

std::int64_t letters(const Trial& trial) {
  return test::end_offsets(trial.brokers(), trial.dead_letter_topic()).at(0);
}

// Stands before the first poison record, says so, and the other partitions flow.
void expect_stands(Trial& trial) {
  trial.expect(trial.shows(kUnwritable, seconds(60)), "no dead_letter_unwritable");
  trial.expect(trial.shows(trial.dead_letter_topic()), "/status does not name the topic");
  std::this_thread::sleep_for(seconds(2));
  const auto committed = test::committed_offsets(trial.brokers(), trial.group(), trial.topic());
  const std::int64_t poison = first_poison(trial);
  trial.expect(poison >= 0 && committed.at(0) <= poison, "committed past the record");
  trial.expect(committed.at(1) > poison, "the other partitions do not flow");
}

// Once it can be written again: no letter is lost, and none is there twice.
void finish(Run& run, Trial& trial) {
  trial.finish();
  const auto dead = static_cast<std::int64_t>(run.result.figures.dead);
  Trial::require(dead >= 1, "nothing was set aside");
  Trial::require(letters(trial) == dead, "a record has two dead letters");
}

// Not there at the start; made; deleted under load; made again.
void missing(Run& run) {
  Trial trial(run, run.brokers, poisoned());
  test::delete_topic(run.brokers, trial.dead_letter_topic());
  trial.feed().start();
  trial.start_sluice();
  expect_stands(trial);
  for (const char* metric : {kStalledSeconds, kWriteFailures}) {
    trial.expect(trial.sluice().metric(metric).value_or(0) >= 1, std::string("no ") + metric);
  }
  test::create_topic(run.brokers, {.name = trial.dead_letter_topic(), .configs = kLetterConfigs});
  trial.expect(trial.shows(R"("state": "flowing")", seconds(60)), "it does not flow again");
  finish(run, trial);
}

// The broker refuses dead letters while one of three nodes is down, and takes all else.
void too_few_replicas(Run& run) {
  test::KafkaCluster cluster;
  Setup setup = poisoned();
  setup.replicas = 3;
  Trial trial(run, cluster.brokers(), setup);
  test::alter_topic_config(trial.brokers(), trial.dead_letter_topic(),
                           and_also("min.insync.replicas", "3"));
  cluster.node(3).kill();
  trial.feed().start();
  trial.start_sluice();
  expect_stands(trial);
  cluster.node(3).start();
  cluster.wait_until_all_in_sync();
  finish(run, trial);
}

void no_right_to_write(Run& run) {
  using Resource = test::KafkaBroker::Resource;
  using Operation = test::KafkaBroker::Operation;
  test::KafkaBroker broker({}, {{"sluice", "sluice-password"}});
  Setup setup = poisoned();
  setup.brokers = broker.sasl_brokers();
  setup.kafka =
      "security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: sluice, "
      "sasl.password: sluice-password";
  Trial trial(run, broker.brokers(), setup);
  broker.allow("sluice", Operation::read, Resource::topic, trial.topic());
  broker.allow("sluice", Operation::read, Resource::group, trial.group());
  broker.allow("sluice", Operation::describe, Resource::topic, trial.dead_letter_topic());
  trial.feed().start();
  trial.start_sluice();
  expect_stands(trial);
  Trial::require(trial.shows("authorization failed"), "/status does not say what is missing");
  broker.allow("sluice", Operation::write, Resource::topic, trial.dead_letter_topic());
  finish(run, trial);
}

// Records that a topic of that configuration has no room for; uncompressed as they are.
Setup large() {
  Setup setup = poisoned();
  setup.padding = 5000;
  setup.per_second = 400;
  setup.kafka = "compression.type: none";
  return setup;
}
std::map<std::string, std::string> narrow() { return and_also("max.message.bytes", "3000"); }

// A letter without its value says how long that is; the judge compares.
void too_large(Run& run) {
  Trial trial(run, run.brokers, large());
  test::alter_topic_config(run.brokers, trial.dead_letter_topic(), narrow());
  trial.start();
  Trial::require(test::eventually([&] { return letters(trial) >= 2; }, seconds(30)),
                 "no dead letter");
  finish(run, trial);
  for (const auto& letter : test::read_topic(run.brokers, trial.dead_letter_topic())) {
    Trial::require(!letter.value, "a letter has the value that is too large");
  }
}

void too_large_parks(Run& run) {
  Setup setup = large();
  setup.dead_letter = "oversized: park";
  Trial trial(run, run.brokers, setup);
  test::alter_topic_config(run.brokers, trial.dead_letter_topic(), narrow());
  trial.feed().start();
  trial.start_sluice();
  expect_stands(trial);
  test::alter_topic_config(run.brokers, trial.dead_letter_topic(), kLetterConfigs);
  finish(run, trial);
}

// A pattern that its own dead-letter topic matches, too.
void loop(Run& run) {
  Setup setup = poisoned();
  setup.topics = "'/^" + run.result.name + ".*/'";
  Trial trial(run, run.brokers, setup);
  trial.start();
  Trial::require(test::eventually([&] { return letters(trial) >= 5; }, seconds(30)),
                 "too few dead letters");
  Trial::require(trial.flows(), "nothing flows");
  finish(run, trial);
  const auto read = test::committed_offsets(run.brokers, trial.group(), trial.dead_letter_topic());
  Trial::require(std::all_of(read.begin(), read.end(), [](std::int64_t it) { return it == -1; }),
                 "it reads its own dead letters");
}

// Each word to the broker takes 300 ms, each answer as well.
void slow_broker(Run& run) {
  test::TcpProxy proxy;
  test::KafkaBroker broker({}, {}, proxy.port());
  proxy.retarget(broker.proxied_port());
  Setup setup = poisoned();
  setup.brokers = fmt::format("127.0.0.1:{}", proxy.port());
  Trial trial(run, broker.brokers(), setup);
  trial.start();
  proxy.set(test::Trouble::latency(milliseconds(300)));
  const std::int64_t before = letters(trial);
  Trial::require(test::eventually([&] { return letters(trial) >= before + 5; }, seconds(40)),
                 "dead letters do not come through");
  Trial::require(trial.flows(), "nothing flows");
  proxy.heal();
  finish(run, trial);
}

Scenario single(const std::string& name, Weight weight, const std::string& what,
                void (*play)(Run&)) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = play};
}

}  // namespace

std::vector<Scenario> dead_letter_scenarios() {
  return {single("dead-letters-missing", Weight::quick,
                 "no dead-letter topic: stands at the record, flows when it is made", missing),
          single("dead-letters-replicas", Weight::full,
                 "the broker refuses dead letters for want of replicas", too_few_replicas),
          single("dead-letters-rights", Weight::full,
                 "no right to write dead letters, until it is given", no_right_to_write),
          single("dead-letters-large", Weight::quick,
                 "records too large for the dead-letter topic: set aside by reference", too_large),
          single("dead-letters-large-park", Weight::full,
                 "the same with oversized: park, until the topic takes them", too_large_parks),
          single("dead-letters-loop", Weight::quick,
                 "topics by a pattern that the dead-letter topic matches: never read", loop),
          single("dead-letters-slow", Weight::full, "300 ms to the broker each way", slow_broker)};
}

}  // namespace sluice::fault
