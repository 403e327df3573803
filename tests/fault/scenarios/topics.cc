// Topics that go, come back and grow.
#include <csignal>
#include <stdexcept>
#include <thread>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int32_t kPartitions = 4;
// The member that comes after it takes over at once, and the trial need not wait for the session.
constexpr const char* kStatic = "instance_id: fault\n";
constexpr const char* kLooksOften = "topic.metadata.refresh.interval.ms: 1000";

void make_anew(Trial& trial) {
  test::create_topic(trial.brokers(), {.name = trial.topic(), .partitions = kPartitions});
  trial.feed().next_log(kPartitions);
}

// As it is right after the topic went: everything that was in it is delivered and committed.
void delete_when_done(Trial& trial) {
  trial.feed().stop();
  wait_until_all_is_done(trial);
  trial.delete_topic();
}

void delete_while_running(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kLooksOften});
  trial.start();
  delete_when_done(trial);
  const auto named = [&] {
    const std::string status = trial.sluice().status();
    return status.find("\"kafka_error\"") != status.npos &&
           status.find(trial.topic()) != status.npos;
  };
  Trial::require(test::eventually(named, seconds(20), milliseconds(50)),
                 "/status does not say that the topic is gone");
  make_anew(trial);
  trial.feed().add(200);  // there before Sluice sees the topic: it begins at the beginning
  trial.feed().start();
  Trial::require(trial.flows(), "the new topic does not flow");
  trial.finish();
}

// Kafka's client may see by itself that the topic was gone, also after its partitions stood: it
// gives them back then, and the group, which has no commit any more, begins at the beginning.
bool seen_by_client(Trial& trial) {
  return !trial.sluice().events("partitions_revoked").empty() ||
         !trial.sluice().events("partitions_lost").empty();
}

// By hand, where it did not.
void go_on_at_the_beginning(Trial& trial) {
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    const auto noticed = [&] {
      return seen_by_client(trial) ||
             stands(trial.sluice(), partition, "offset_out_of_range", milliseconds(0));
    };
    Trial::require(test::eventually(noticed, seconds(20), milliseconds(50)),
                   "nobody notices that the topic was made anew");
  }
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    if (seen_by_client(trial)) return;
    try {
      resume_from(trial, partition, "earliest");
    } catch (const std::runtime_error&) {
      // Refused, since the client has just seen it.
      if (!seen_by_client(trial)) throw;
    }
  }
}

// Between two of its looks at the cluster: it is told of nothing. The new log is the longer one, so
// that the place where Sluice stood is in it, too.
void make_anew_unseen(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kLooksOften});
  trial.start();
  trial.feed().stop();
  wait_until_all_is_done(trial);
  const auto stood = test::end_offsets(trial.brokers(), trial.topic());
  trial.sluice().signal(SIGSTOP);
  trial.delete_topic();
  make_anew(trial);
  trial.feed().add(2 * stood.front() + 500);
  std::this_thread::sleep_for(seconds(1));  // a freeze that it notices
  trial.sluice().signal(SIGCONT);
  go_on_at_the_beginning(trial);
  trial.finish();
}

// The new log is the shorter one.
void make_anew_unseen_and_short(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kLooksOften});
  trial.start();
  trial.feed().add(500);
  trial.feed().stop();
  wait_until_all_is_done(trial);
  trial.sluice().signal(SIGSTOP);
  trial.delete_topic();
  make_anew(trial);
  trial.feed().add(100);
  trial.sluice().signal(SIGCONT);
  go_on_at_the_beginning(trial);
  trial.finish();
}

void make_anew_while_down(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  trial.start();
  trial.feed().stop();
  wait_until_all_is_done(trial);
  stop_sluice(trial);
  trial.delete_topic();
  make_anew(trial);
  trial.feed().add(500);
  trial.start_sluice();
  trial.finish();
}

void grow(Trial& trial) {
  test::add_partitions(trial.brokers(), trial.topic(), kPartitions + 2);
  trial.feed().use_partitions(kPartitions + 2);
}

void add_while_running(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kLooksOften});
  trial.start();
  trial.feed().stop();
  grow(trial);
  trial.feed().start();
  trial.feed().add(100);
  Trial::require(trial.flows(), "nothing flows with the added partitions");
  trial.finish();
}

void add_while_down(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  trial.start();
  trial.kill_sluice();
  trial.feed().stop();
  grow(trial);
  trial.feed().add(300);
  trial.start_sluice();
  trial.finish();
}

// Two static members in a process, with requests under way all the time. The group is whole again
// at the price of one rebalance, whatever each of the two sees.
void add_while_two_are_down(Run& run) {
  Trial trial(run, run.brokers,
              {.api = {.work = milliseconds(50)},
               .kafka = "session.timeout.ms: 45000",  // which no restart outlasts
               .pipeline = "workers: 2",
               .top = kStatic});
  trial.start();
  // A rebalance under way when both go would end with them back, and divide the added ones too.
  Trial::require(test::wait_for_members(trial.brokers(), trial.group(), 2, seconds(30)),
                 "the two members do not both hold partitions");
  stop_sluice(trial);
  grow(trial);
  trial.start_sluice();
  Trial::require(trial.sluice().wait_for_event("partitions_unowned", seconds(30)),
                 "nothing says that nobody reads the added partitions");
  Trial::require(trial.flows(), "nothing flows with the added partitions");
  Trial::require(trial.sluice().events("partitions_lost").empty(), "the partitions were lost");
  trial.finish();
  Trial::require(trial.sluice().events("partitions_unowned").size() == 1, "cured more than once");
}

// Kafka does not tell a static member that comes back that it leads the group; who leads watches
// for added partitions.
void add_after_restart(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kLooksOften, .top = kStatic});
  trial.start();
  stop_sluice(trial);
  trial.start_sluice();
  Trial::require(trial.flows(), "nothing flows after the restart");
  trial.feed().stop();
  grow(trial);
  trial.feed().start();
  trial.finish();
}

}  // namespace

std::vector<Scenario> topic_scenarios() {
  return {
      {.name = "topic-deleted",
       .weight = Weight::quick,
       .cases = {6},
       .what =
           "the topic is deleted under a running Sluice and made anew; all of the new one flows",
       .play = delete_while_running},
      {.name = "topic-anew-longer",
       .weight = Weight::full,
       .cases = {6},
       .what =
           "the topic is made anew unseen, longer than before; it stands still, nothing is skipped",
       .play = make_anew_unseen},
      {.name = "topic-anew-shorter",
       .weight = Weight::full,
       .cases = {6},
       .what = "the topic is made anew unseen, shorter than before; what stands still is named",
       .play = make_anew_unseen_and_short},
      {.name = "topic-anew-down",
       .weight = Weight::quick,
       .cases = {6},
       .what = "the topic is made anew while Sluice is down; it begins at the beginning",
       .play = make_anew_while_down},
      {.name = "partitions-added",
       .weight = Weight::quick,
       .cases = {6},
       .what = "two partitions are added under a running Sluice",
       .play = add_while_running},
      {.name = "partitions-added-down",
       .weight = Weight::quick,
       .cases = {6, 46},
       .what = "two partitions are added and written to between a SIGKILL and the next start",
       .play = add_while_down},
      {.name = "partitions-added-down-two",
       .weight = Weight::quick,
       .cases = {6, 13, 46},
       .what = "two partitions are added while both static members of a group are down",
       .play = add_while_two_are_down},
      {.name = "partitions-added-static",
       .weight = Weight::quick,
       .cases = {6, 13},
       .what = "two partitions are added after the static leader of the group was restarted",
       .play = add_after_restart}};
}

}  // namespace sluice::fault
