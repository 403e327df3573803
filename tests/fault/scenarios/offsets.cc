// Commits that an operator, a tool or another cluster has made: missing, too low, too high, and
// with texts beside them that say nothing to us.
#include <algorithm>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"
#include "support/kept_ranges.h"

namespace sluice::fault {
namespace {

using std::chrono::seconds;

constexpr std::int32_t kPartitions = 4;
constexpr const char* kStatic = "instance_id: fault\n";
// What an operator asks to be read again, as if its membership had been lost.
constexpr Allowed kReadAgain{.losses = 1};

// Records flow, everything is done, and Sluice has left the group. Where the logs end.
std::vector<std::int64_t> flow_and_leave(Trial& trial) {
  trial.start();
  trial.feed().stop();
  wait_until_all_is_done(trial);
  stop_sluice(trial);
  Trial::require(test::wait_for_members(trial.brokers(), trial.group(), 0, seconds(10)),
                 "the group is not empty");
  return test::end_offsets(trial.brokers(), trial.topic());
}

std::size_t sum(const std::vector<std::int64_t>& numbers) {
  std::size_t all = 0;
  for (const std::int64_t number : numbers) all += static_cast<std::size_t>(number);
  return all;
}

void require_repeated(const Run& run, std::size_t records) {
  Trial::require(run.result.figures.repeated == records,
                 std::to_string(run.result.figures.repeated) + " records repeated where " +
                     std::to_string(records) + " were asked for");
}

void forget_all(Run& run) {
  Trial trial(run, run.brokers);
  const auto ends = flow_and_leave(trial);
  trial.operator_forgets();
  trial.start_sluice();
  trial.finish(kReadAgain);
  require_repeated(run, sum(ends));
}

// The group has a commit of each partition but the last.
void forget_one(Run& run) {
  Trial trial(run, run.brokers);
  const auto ends = flow_and_leave(trial);
  trial.operator_forgets();
  trial.operator_commits({ends.begin(), ends.end() - 1});
  trial.feed().add(100);
  trial.start_sluice();
  trial.finish(kReadAgain);
  require_repeated(run, static_cast<std::size_t>(ends.back()));
}

void commit_too_low(Run& run) {
  Trial trial(run, run.brokers);
  const auto ends = flow_and_leave(trial);
  constexpr std::int64_t kBack = 40;
  std::vector<std::int64_t> low;
  for (const std::int64_t end : ends) low.push_back(std::max(end - kBack, std::int64_t{0}));
  trial.operator_commits(low);
  trial.feed().add(100);
  trial.start_sluice();
  trial.finish(kReadAgain);
  require_repeated(run, sum(ends) - sum(low));
}

// Nothing of partition 0 is sent while it stands still, and the others flow.
void require_only_partition_0_stands(Trial& trial) {
  Trial::require(stands(trial.sluice(), 0, "offset_out_of_range"),
                 "/status does not name the offset that is out of range");
  const std::size_t from = trial.api().batch_count();
  const auto fresh = trial.feed().add_fresh();
  const auto others_flow = [&] {
    return std::all_of(fresh.begin() + 1, fresh.end(),
                       [&](const std::string& id) { return trial.api().took(id); });
  };
  Trial::require(test::eventually(others_flow, seconds(20)), "the other partitions do not flow");
  Trial::require(stands(trial.sluice(), 0, "offset_out_of_range", seconds(1)),
                 "the partition went on by itself");
  const auto batches = trial.api().batches();
  const bool sent = std::any_of(
      batches.begin() + static_cast<std::ptrdiff_t>(from), batches.end(),
      [](const SeenBatch& batch) { return batch.ids.front().find("-p0-") != std::string::npos; });
  Trial::require(!sent, "records of the partition that stands still were sent");
}

void commit_below_the_log(Run& run) {
  Trial trial(run, run.brokers);
  constexpr std::int64_t kDeleted = 50;
  trial.feed().add(200);
  test::delete_records(trial.brokers(), trial.topic(), 0, kDeleted);
  trial.operator_commits({10, 0, 0, 0});
  trial.start_sluice();
  require_only_partition_0_stands(trial);
  resume_from(trial, 0, "earliest");
  trial.finish({.gone = true});
  Trial::require(run.result.figures.gone == kDeleted, "others are gone than the deleted ones");
}

void commit_beyond_the_log(Run& run) {
  Trial trial(run, run.brokers);
  const auto ends = flow_and_leave(trial);
  auto high = ends;
  high.front() += 1000;
  trial.operator_commits(high);
  trial.feed().add(100);
  trial.start_sluice();
  require_only_partition_0_stands(trial);
  resume_from(trial, 0, std::to_string(ends.front()));
  trial.finish();
}

Setup by_key() {
  Setup setup;
  setup.keys = 20;
  setup.order = "key";
  setup.api.work = std::chrono::milliseconds(20);
  return setup;
}

// What each of them says to be finished are records that nobody was sent.
std::vector<TextOfCommit> foreign_texts(Trial& trial, const std::vector<std::int64_t>& offsets) {
  const std::string here = test::cluster_id(trial.brokers());
  const auto text = [&](std::int32_t partition, const std::string& cluster,
                        const std::string& topic, std::int64_t shift) {
    const std::int64_t at = offsets.at(static_cast<std::size_t>(partition)) + shift;
    return test::kept_text(cluster, topic, partition, at, at + 20, at + 50);
  };
  std::string damaged = text(2, here, trial.topic(), 0);
  damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
  return {{offsets.at(0), text(0, "another-cluster", trial.topic(), 0)},
          {offsets.at(1), text(1, here, trial.topic() + ".dlq", 0)},
          {offsets.at(2), damaged},
          {offsets.at(3), text(3, here, trial.topic(), 1)}};
}

std::vector<TextOfCommit> garbage(const std::vector<std::int64_t>& offsets) {
  return {{offsets.at(0), "reset by an operator on Tuesday"},
          {offsets.at(1), std::string(4096, 'A')},
          {offsets.at(2), "AQ=="},
          {offsets.at(3), "{\"leader\":\"\xc3\xa9\xff\x01\"}"}};
}

// Before anything is read, and again in the middle of the log.
void commit_foreign_texts(Run& run) {
  Trial trial(run, run.brokers, by_key());
  trial.feed().add(200);
  commit_with_metadata(trial, foreign_texts(trial, {0, 0, 0, 0}));
  const auto ends = flow_and_leave(trial);
  commit_with_metadata(trial, foreign_texts(trial, ends));
  trial.feed().add(200);
  trial.start_sluice();
  trial.finish();
}

void commit_garbage(Run& run) {
  Trial trial(run, run.brokers, by_key());
  trial.feed().add(200);
  commit_with_metadata(trial, garbage({0, 0, 0, 0}));
  const auto ends = flow_and_leave(trial);
  commit_with_metadata(trial, garbage(ends));
  trial.feed().add(200);
  trial.start_sluice();
  trial.finish();
}

// Our own text, of a log that reached farther: what is written there now is other records. A
// SIGKILL before they are read: the next one must not believe it either.
void commit_of_a_longer_log(Run& run) {
  Setup setup = by_key();
  setup.top = kStatic;
  Trial trial(run, run.brokers, setup);
  trial.feed().add(100);
  const std::string here = test::cluster_id(trial.brokers());
  std::vector<TextOfCommit> commits;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    commits.push_back({0, test::kept_text(here, trial.topic(), partition, 0, 90, 150)});
  }
  commit_with_metadata(trial, commits);
  trial.start_sluice();
  Trial::require(
      trial.sluice().wait_for_event("finished_records_forgotten", seconds(20), kPartitions),
      "Sluice does not say that it sends again what is not in the log");
  Trial::require(trial.flows(), "nothing flows");
  trial.kill_sluice();
  trial.feed().add(200);
  trial.start_sluice();
  trial.finish();
}

Scenario quick(const std::string& name, const std::string& what, void (*play)(Run&)) {
  return {.name = name, .weight = Weight::quick, .cases = {7}, .what = what, .play = play};
}

}  // namespace

std::vector<Scenario> offset_scenarios() {
  return {
      quick("offset-missing", "the group's commits were deleted; all is read again", forget_all),
      quick("offset-missing-one", "one partition has no commit; it is read from its beginning",
            forget_one),
      quick("offset-low", "the commits were set back; exactly what was asked for comes again",
            commit_too_low),
      quick("offset-below-log",
            "a commit of deleted records; parked and named, resume-from releases it",
            commit_below_the_log),
      quick("offset-beyond-log",
            "a commit of records that nobody wrote; parked and named, resume-from releases it",
            commit_beyond_the_log),
      quick("metadata-foreign",
            "texts of another cluster, topic and offset, and damage, beside commits",
            commit_foreign_texts),
      quick("metadata-garbage", "texts of tools beside commits", commit_garbage),
      quick("metadata-longer-log", "our own text of a log that was cut off, and a SIGKILL",
            commit_of_a_longer_log)};
}

}  // namespace sluice::fault
