// Offsets without a record: deleted by retention, removed by compaction, aborted.
#include <array>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>
#include <unordered_set>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"
#include "support/record_ids.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int32_t kPartitions = 4;
constexpr const char* kStatic = "instance_id: fault\n";
constexpr std::int64_t kOvertaken = 300;  // records of partition 0

// Records flow, and then the API is down.
void stand_still(Trial& trial) {
  trial.start();
  trial.api().misbehave(always({.status = 503}));
  Trial::require(trial.shows("breaker_open"), "the breaker does not open");
  trial.feed().stop();
}

void release_partition_0(Trial& trial) {
  Trial::require(stands(trial.sluice(), 0, "offset_out_of_range"),
                 "/status does not name the offset that is out of range");
  resume_from(trial, 0, "earliest");
}

void require_gone(const Run& run, std::int64_t deleted) {
  const auto gone = static_cast<std::int64_t>(run.result.figures.gone);
  Trial::require(gone > 0 && gone <= deleted, std::to_string(gone) + " are gone where " +
                                                  std::to_string(deleted) +
                                                  " were deleted behind the commit");
}

// Its successor finds a commit of records that are deleted.
void overtake_and_kill(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  stand_still(trial);
  trial.feed().add(2 * kOvertaken);
  const auto committed =
      test::committed_offsets(trial.brokers(), trial.group(), trial.topic()).front();
  test::delete_records(trial.brokers(), trial.topic(), 0, committed + kOvertaken);
  trial.feed().start();
  trial.kill_sluice();
  trial.heal();
  trial.start_sluice();
  release_partition_0(trial);
  trial.finish({.gone = true});
  require_gone(run, kOvertaken);
}

// Frozen meanwhile, so that it has not read what is deleted. What it holds in memory is delivered,
// also where the operator passes over the gap before that.
void overtake_and_go_on(Run& run, const std::string& dead_letter) {
  // So slow that it reads on while the API is down.
  Trial trial(run, run.brokers, {.per_second = 200, .dead_letter = dead_letter});
  stand_still(trial);
  trial.sluice().signal(SIGSTOP);
  trial.feed().add(1);  // answers the fetch that the broker still has
  const auto end = test::end_offsets(trial.brokers(), trial.topic()).front();
  const auto committed =
      test::committed_offsets(trial.brokers(), trial.group(), trial.topic()).front();
  Trial::require(end - committed > 2, "nothing was read that could be held in front of the gap");
  trial.feed().add(2 * kOvertaken);
  test::delete_records(trial.brokers(), trial.topic(), 0, end + kOvertaken);
  trial.sluice().signal(SIGCONT);
  release_partition_0(trial);
  trial.finish({.gone = true});
  require_gone(run, kOvertaken + 1);
}

// Writes records that never come to be.
class AbortingWriter {
 public:
  AbortingWriter(const std::string& brokers, std::string topic)
      : topic_(std::move(topic)),
        client_(test::make_client(RD_KAFKA_PRODUCER, brokers,
                                  {{"transactional.id", topic_}, {"linger.ms", "1"}})) {
    check(rd_kafka_init_transactions(client_.get(), test::kCallTimeoutMs));
  }

  // They are in the log, and no reader of committed records sees them or what is behind them.
  void begin(int each) {
    check(rd_kafka_begin_transaction(client_.get()));
    for (int n = 0; n < each; ++n) {
      for (std::int32_t partition = 0; partition < kPartitions; ++partition) add(partition);
    }
    test::require(rd_kafka_flush(client_.get(), test::kCallTimeoutMs), "flush " + topic_);
  }
  void abort() { check(rd_kafka_abort_transaction(client_.get(), test::kCallTimeoutMs)); }

 private:
  static void check(rd_kafka_error_t* raw) {
    const test::RdError error(raw);
    if (error) throw std::runtime_error(rd_kafka_error_string(error.get()));
  }

  void add(std::int32_t partition) {
    const std::string id =
        topic_ + ".aborted-p" + std::to_string(partition) + "-" + std::to_string(++number_);
    std::string value = record_value(id, number_, 0, false);
    std::array<rd_kafka_vu_t, 4> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = topic_.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = partition;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem.ptr = value.data();
    fields[3].u.mem.size = value.size();
    check(rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
  }

  const std::string topic_;
  test::RdKafka client_;
  std::int64_t number_ = 0;
};

// Between records that are committed, with a SIGKILL among them; the last thing in the log is an
// aborted transaction, too.
void abort_transactions(Run& run) {
  Trial trial(run, run.brokers, {.top = kStatic});
  AbortingWriter writer(trial.brokers(), trial.topic());
  trial.start();
  for (int round = 0; round < 6; ++round) {
    writer.begin(20);
    std::this_thread::sleep_for(milliseconds(200));
    writer.abort();
    Trial::require(trial.flows(), "nothing flows after an abort");
    if (round != 2) continue;
    trial.kill_sluice();
    trial.start_sluice();
  }
  trial.feed().stop();
  const auto all = test::read_topic(trial.brokers(), trial.topic(), test::Isolation::uncommitted);
  const auto real = test::read_topic(trial.brokers(), trial.topic());
  Trial::require(all.size() >= real.size() + std::size_t{6} * 20 * kPartitions,
                 "there are no aborted records in the topic");
  trial.finish();
}

// The cleaner runs often and takes everything but the last segment.
const std::map<std::string, std::string>& quick_cleaner() {
  static const std::map<std::string, std::string> properties = {
      {"log.cleaner.backoff.ms", "200"},
      {"log.cleaner.min.cleanable.ratio", "0.01"},
      {"log.cleaner.dedupe.buffer.size", "16777216"}};
  return properties;
}

// Writes each key again and again, waits for the cleaner, ends its work, and takes out of the book
// what it has removed.
void compact(Trial& trial) {
  for (int round = 0; round < 20; ++round) {
    trial.feed().add(30);
    std::this_thread::sleep_for(milliseconds(150));  // longer than a segment
  }
  const std::size_t written = trial.book().confirmed_count();
  const auto compacted = [&] {
    return test::read_topic(trial.brokers(), trial.topic()).size() < written * 2 / 3;
  };
  Trial::require(test::eventually(compacted, seconds(30), milliseconds(200)),
                 "the topic is not compacted");
  test::alter_topic_config(trial.brokers(), trial.topic(), {{"cleanup.policy", "delete"}});
  std::this_thread::sleep_for(seconds(1));  // for a cleaner that is at work
  std::unordered_set<std::string> removed;
  for (const Produced& record : trial.book().confirmed()) removed.insert(record.id);
  for (const auto& stored : test::read_topic(trial.brokers(), trial.topic())) {
    for (const std::string& id : test::ids_in(stored.value.value_or(""))) removed.erase(id);
  }
  trial.book().withdraw(removed);
  trial.note(std::to_string(removed.size()) + " of " + std::to_string(written) +
             " records were removed by compaction");
}

void read_what_compaction_left(Run& run) {
  const test::KafkaBroker broker(quick_cleaner());
  Trial trial(run, broker.brokers(),
              {.topic_configs = {{"cleanup.policy", "compact"},
                                 {"segment.ms", "100"},
                                 {"min.cleanable.dirty.ratio", "0.01"},
                                 {"delete.retention.ms", "0"}},
               .keys = 40,
               .api = {.work = milliseconds(20)},
               .max_records = 7,
               .top = kStatic});
  compact(trial);
  for (int death = 0; death < 2; ++death) {
    trial.start_sluice({.env = {{"SLUICE_FAILPOINT", "answer_received:10"}}});
    trial.wait_for_death();
  }
  trial.start_sluice();
  trial.finish();
}

}  // namespace

std::vector<Scenario> gap_scenarios() {
  return {
      {.name = "retention-overtakes-down",
       .weight = Weight::quick,
       .cases = {7, 46},
       .what = "retention passes the commit while the API is down, and a SIGKILL; parked, named",
       .play = overtake_and_kill},
      {.name = "retention-overtakes",
       .weight = Weight::quick,
       .cases = {7},
       .what = "retention passes the commit of a running Sluice while the API is down",
       .play = [](Run& run) { overtake_and_go_on(run, ""); }},
      {.name = "retention-overtakes-no-letters",
       .weight = Weight::full,
       .cases = {7},
       .what = "the same with dead_letter: none; what was read before the gap is delivered, too",
       .play = [](Run& run) { overtake_and_go_on(run, "none"); }},
      {.name = "aborted-transactions",
       .weight = Weight::quick,
       .cases = {8, 46},
       .what = "aborted records among the others, and a SIGKILL; none of them is sent",
       .play = abort_transactions},
      {.name = "compaction-gaps",
       .weight = Weight::full,
       .cases = {8, 46},
       .what = "a compacted topic, and two SIGKILLs in it",
       .play = read_what_compaction_left}};
}

}  // namespace sluice::fault
