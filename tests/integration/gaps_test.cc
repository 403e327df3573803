// Offsets that hold no record: aborted transactions, their markers, and what compaction removed.
// Exactly the records are delivered, and the commit point passes the gaps between them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

// The cleaner runs often and takes everything but the last segment.
KafkaBroker& broker() {
  static KafkaBroker one({{"log.cleaner.backoff.ms", "200"},
                          {"log.cleaner.min.cleanable.ratio", "0.01"},
                          {"log.cleaner.dedupe.buffer.size", "16777216"}});
  return one;
}

std::string config(const std::string& topic, const RecordingApi& api) {
  return FlowConfig(broker())
      .target("api", api.url())
      .pipeline("p", topic, "batch: {max_records: 7, linger: 20ms}")
      .yaml();
}

class TransactionalWriter {
 public:
  explicit TransactionalWriter(const std::string& topic)
      : topic_(topic),
        client_(make_client(RD_KAFKA_PRODUCER, broker().brokers(),
                            {{"transactional.id", topic}, {"linger.ms", "1"}})) {
    check(rd_kafka_init_transactions(client_.get(), kCallTimeoutMs));
  }

  // Writes records numbered `first` to `first + count - 1` to partition 0 in one transaction.
  void write(std::int64_t first, std::int64_t count, bool commit) {
    check(rd_kafka_begin_transaction(client_.get()));
    for (std::int64_t n = first; n < first + count; ++n) add(record_value(record_id(topic_, 0, n)));
    // Aborting would drop what is not written yet.
    require(rd_kafka_flush(client_.get(), kCallTimeoutMs), "flush " + topic_);
    check(commit ? rd_kafka_commit_transaction(client_.get(), kCallTimeoutMs)
                 : rd_kafka_abort_transaction(client_.get(), kCallTimeoutMs));
  }

 private:
  static void check(rd_kafka_error_t* raw) {
    const RdError error(raw);
    if (error) throw std::runtime_error(rd_kafka_error_string(error.get()));
  }

  void add(const std::string& value) {
    std::array<rd_kafka_vu_t, 4> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = topic_.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = 0;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem.ptr = const_cast<char*>(value.data());
    fields[3].u.mem.size = value.size();
    check(rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
  }

  const std::string topic_;
  RdKafka client_;
};

TEST(Gaps, OfAbortedTransactionsArePassedAndTheirRecordsNotDelivered) {
  const std::string topic = "transactions";
  broker().create_topic(topic, 1);
  TransactionalWriter writer(topic);
  std::vector<std::string> committed_ids;
  constexpr std::int64_t kEach = 10;
  for (std::int64_t round = 0; round < 10; ++round) {
    const bool commit = round % 3 != 1;
    writer.write(round * kEach, kEach, commit);
    for (std::int64_t n = 0; commit && n < kEach; ++n) {
      committed_ids.push_back(record_id(topic, 0, round * kEach + n));
    }
  }
  RecordingApi api;
  SluiceProcess sluice(config(topic, api));
  ASSERT_TRUE(api.wait_for_distinct(committed_ids.size(), seconds(30))) << sluice.log();
  // Behind the last record stands the marker of its transaction.
  const std::int64_t last = end_offsets(broker().brokers(), topic).at(0) - 2;
  const auto all_committed = [&] {
    return committed_offsets(broker().brokers(), group_of(topic), topic).at(0) > last;
  };
  EXPECT_TRUE(eventually(all_committed, seconds(10))) << sluice.log();

  // More of the same, to a member that is at the end already.
  writer.write(100, kEach, false);
  writer.write(110, kEach, true);
  ASSERT_TRUE(api.wait_for_id(record_id(topic, 0, 119), seconds(10))) << sluice.log();
  for (std::int64_t n = 110; n < 120; ++n) committed_ids.push_back(record_id(topic, 0, n));

  std::map<std::string, int> each_once;
  for (const std::string& id : committed_ids) each_once[id] = 1;
  EXPECT_EQ(api.taken(), each_once);
  EXPECT_THAT(api.disorder(), IsEmpty());
}

// Writes `value` again and again under few keys, so that compaction leaves holes.
void fill_and_compact(const std::string& topic) {
  broker().create_topic(topic, 1,
                        {{"cleanup.policy", "compact"},
                         {"segment.ms", "100"},
                         {"min.cleanable.dirty.ratio", "0.01"},
                         {"delete.retention.ms", "0"}});
  constexpr int kRecords = 200;
  for (int n = 0; n < kRecords; ++n) {
    const std::string key = n % 2 == 0 ? "often" : "key-" + std::to_string(n);
    produce(broker().brokers(), topic,
            {{.value = record_value(record_id(topic, 0, n)), .key = key, .partition = 0}});
  }
}

TEST(Gaps, OfCompactionArePassed) {
  const std::string topic = "compacted";
  fill_and_compact(topic);
  const auto compacted = [&] { return read_topic(broker().brokers(), topic).size() < 150; };
  ASSERT_TRUE(eventually(compacted, seconds(30), milliseconds(200)));

  RecordingApi api;
  SluiceProcess sluice(config(topic, api));
  ASSERT_TRUE(api.wait_for_id(record_id(topic, 0, 199), seconds(30))) << sluice.log();
  EXPECT_TRUE(wait_for_commits(broker(), topic, seconds(10))) << sluice.log();
  const Accounts accounts = reconcile(broker(), topic, {&api});
  EXPECT_TRUE(accounts.lost.empty() && accounts.repeated.empty() && accounts.uncommitted == 0)
      << testing::PrintToString(accounts);
  EXPECT_THAT(api.disorder(), IsEmpty());

  produce_numbered(broker(), topic, 1, 1, 200);
  EXPECT_TRUE(api.wait_for_id(record_id(topic, 0, 200), seconds(10))) << sluice.log();
}

}  // namespace
}  // namespace sluice::test
