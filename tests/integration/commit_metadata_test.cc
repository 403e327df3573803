// What a real broker keeps beside a committed offset, and how a consumer goes on elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/metadata.h"
#include "integration/flow.h"
#include "integration/load.h"
#include "kafka/consumer.h"
#include "kafka/offset_lookup.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using kafka::Consumer;
using kafka::ConsumerEvent;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class CommitMetadata : public testing::Test {
 protected:
  void SetUp() override {
    topic_ =
        std::string("metadata-") + testing::UnitTest::GetInstance()->current_test_info()->name();
    broker_.create_topic(topic_, 2);
    produce(broker_.brokers(), topic_,
            std::vector<NewRecord>(100, {.value = "{}", .partition = 0}));
  }
  ~CommitMetadata() override { close(wake_fd_); }

  // A member of the group that has the topic's two partitions; there are records in of().
  std::unique_ptr<Consumer> join(std::int64_t from) {
    auto consumer = bystander();
    if (!consumer->subscribe({topic_})) throw std::runtime_error("cannot subscribe");
    if (!wait_for_event(*consumer, ConsumerEvent::Kind::assigned)) {
      throw std::runtime_error("no partition was assigned");
    }
    if (!consumer->assign({{of(), from}, {other(), 0}})) throw std::runtime_error("cannot assign");
    return consumer;
  }

  // One that can ask, and has not joined.
  std::unique_ptr<Consumer> bystander() {
    kafka::ConsumerOptions options;
    options.client.brokers = {broker_.brokers()};
    options.group = topic_;
    auto consumer = Consumer::create(options, wake_fd_);
    if (!consumer) throw std::runtime_error(consumer.error().text());
    return std::move(*consumer);
  }

  static std::optional<ConsumerEvent> wait_for_event(Consumer& consumer, ConsumerEvent::Kind kind) {
    std::optional<ConsumerEvent> found;
    eventually(
        [&] {
          consumer.poll(milliseconds(50));
          for (auto& event : consumer.take_events()) {
            if (event.kind == kind) found = std::move(event);
          }
          return found.has_value();
        },
        seconds(20), milliseconds(1));
    return found;
  }

  static std::optional<std::int64_t> next_offset(Consumer& consumer) {
    const kafka::PolledRecord* polled = nullptr;
    eventually([&] { return (polled = consumer.poll(milliseconds(50))) != nullptr; }, seconds(10),
               milliseconds(1));
    return polled == nullptr ? std::nullopt : std::optional(polled->record.offset);
  }

  // Also serves the consumer, as the worker's loop does.
  kafka::CommitResult commit(Consumer& consumer, std::int64_t offset, const std::string& metadata) {
    if (const auto sent = consumer.commit({{of(), offset, metadata}}); !sent) {
      return {false, sent.error().text()};
    }
    std::optional<kafka::CommitResult> result;
    eventually(
        [&] {
          consumer.poll();
          result = consumer.commit_result(milliseconds(50));
          return result.has_value();
        },
        seconds(20), milliseconds(1));
    return result.value_or(kafka::CommitResult{false, "no result"});
  }

  kafka::Committed committed(const Consumer& consumer) {
    const auto found = kafka::committed_offsets(consumer, {of()});
    if (!found) throw std::runtime_error(found.error().text());
    return found->count(of()) == 0 ? kafka::Committed{-1, ""} : found->at(of());
  }

  TopicPartition of() const { return {topic_, 0}; }
  TopicPartition other() const { return {topic_, 1}; }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  int wake_fd_ = eventfd(0, EFD_NONBLOCK);
};

TEST_F(CommitMetadata, ComesBackByteForByteToTheNextOwner) {
  std::string longest;
  while (longest.size() < commit::kMostMetadata) {
    longest += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  }
  const auto member = join(kafka::kBeginning);
  for (const std::string& metadata : {std::string("x"), longest}) {
    const auto result = commit(*member, 10, metadata);
    EXPECT_TRUE(result.ok) << result.text;
    const auto next = bystander();
    EXPECT_EQ(committed(*next).offset, 10);
    EXPECT_EQ(committed(*next).metadata, metadata);
  }
}

TEST_F(CommitMetadata, OneByteMoreThanOurLimitIsRefused) {
  const auto member = join(kafka::kBeginning);
  ASSERT_TRUE(commit(*member, 10, std::string(commit::kMostMetadata, 'x')).ok);
  const auto result = commit(*member, 20, std::string(commit::kMostMetadata + 1, 'x'));
  EXPECT_FALSE(result.ok);
  EXPECT_THAT(result.text, HasSubstr("metadata"));
  EXPECT_EQ(committed(*member).offset, 10);
}

TEST_F(CommitMetadata, ChangesWhileTheOffsetStaysWhereItIs) {
  const auto member = join(kafka::kBeginning);
  for (const std::string metadata : {"first", "second", ""}) {
    ASSERT_TRUE(commit(*member, 10, metadata).ok);
    EXPECT_EQ(committed(*member).metadata, metadata) << "each commit replaces the whole";
    EXPECT_EQ(committed(*member).offset, 10);
  }
}

TEST_F(CommitMetadata, OfAnOperatorsToolIsReadAndNotTakenForOurs) {
  const auto member = join(kafka::kBeginning);
  EXPECT_EQ(committed(*member).offset, -1);
  ASSERT_TRUE(commit(*member, 10, "reset by an operator").ok);
  const auto id = kafka::cluster_id(*member);
  ASSERT_TRUE(id);
  EXPECT_THAT(*id, Not(testing::IsEmpty()));
  EXPECT_EQ(commit::decode(committed(*member).metadata, {*id, topic_, 0}, 10), std::nullopt);
}

TEST_F(CommitMetadata, TheClusterKeepsItsIdThroughARestart) {
  const auto before = kafka::cluster_id(*bystander());
  ASSERT_TRUE(before);
  broker_.stop();
  broker_.start();
  EXPECT_EQ(kafka::cluster_id(*bystander()).value_or("none"), *before);
}

TEST_F(CommitMetadata, AMemberGoesOnFromWhereItIsToldTo) {
  const auto member = join(50);
  EXPECT_EQ(next_offset(*member), 50);
  ASSERT_TRUE(member->move({of(), 20}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 20) << "nothing of what was prefetched comes through";
  ASSERT_TRUE(member->move({of(), kafka::kBeginning}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 0);
}

TEST_F(CommitMetadata, AMemberGoesOnAfterItsOffsetWasOutOfRange) {
  const auto member = join(5000);
  const auto event = wait_for_event(*member, ConsumerEvent::Kind::partition_error);
  ASSERT_TRUE(event && event->out_of_range);
  ASSERT_TRUE(member->move({of(), 20}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 20);
}

TEST_F(CommitMetadata, APartitionThatMovesLeavesTheOthersWhereTheyAre) {
  const auto member = join(50);
  EXPECT_EQ(next_offset(*member), 50);
  member->pause(of());
  produce(broker_.brokers(), topic_, {{.value = "{}", .partition = 1}});
  ASSERT_TRUE(member->move({other(), 0}, {{of(), 51}}));
  EXPECT_EQ(next_offset(*member), 0) << "what is paused stays paused";
  member->resume(of());
  EXPECT_EQ(next_offset(*member), 51);
}

// A group that committed this text beside the offset, as a tool or another cluster would.
void commit_with_metadata(const std::string& topic, std::int64_t offset, std::string metadata) {
  const RdKafka client = make_client(RD_KAFKA_CONSUMER, KafkaBroker::shared().brokers(),
                                     {{"group.id", group_of(topic)}});
  const RdPartitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* const made =
      rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), 0);
  made->offset = offset;
  made->metadata_size = metadata.size();
  made->metadata = rd_kafka_mem_malloc(client.get(), metadata.size() + 1);
  std::copy_n(metadata.c_str(), metadata.size() + 1, static_cast<char*>(made->metadata));
  require(rd_kafka_commit(client.get(), offsets.get(), 0), "commit of " + topic);
}

std::string cluster_id() {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, KafkaBroker::shared().brokers());
  const std::unique_ptr<char, void (*)(char*)> id(
      rd_kafka_clusterid(client.get(), kCallTimeoutMs),
      [](char* text) { rd_kafka_mem_free(nullptr, text); });
  return id == nullptr ? "" : id.get();
}

// How many of 100 records, the first 10 of them committed with this text, are delivered; where not
// all of them are there at once, the rest is written when the first `at_once` were read.
std::size_t delivered_after(const std::string& topic, const std::string& metadata,
                            std::int64_t at_once = 100, std::string* log = nullptr) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1);
  produce_numbered(broker, topic, 1, at_once);
  commit_with_metadata(topic, 10, metadata);
  RecordingApi api;
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url())
                           .pipeline("p", topic, "order: none, batch: {max_records: 7}")
                           .yaml());
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(20))) << sluice.log();
  produce_numbered(broker, topic, 1, 100 - at_once, at_once);
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(20))) << sluice.log();
  EXPECT_EQ(repeats(api), 0U);
  if (log != nullptr) *log = sluice.log();
  return api.distinct();
}

TEST(MetadataOfOthers, IsIgnoredUnlessItIsOursForExactlyThisOffset) {
  const std::vector<commit::OffsetRange> finished{{20, 50}, {60, 61}};
  const auto text = [&](const std::string& cluster, const std::string& topic, std::int64_t at) {
    return commit::encode({cluster, topic, 0}, at, finished).text;
  };
  const std::string here = cluster_id();
  EXPECT_EQ(delivered_after("metadata-ours", text(here, "metadata-ours", 10)), 90U - 31U);
  EXPECT_EQ(delivered_after("metadata-elsewhere", text("other", "metadata-elsewhere", 10)), 90U);
  EXPECT_EQ(delivered_after("metadata-moved", text(here, "metadata-moved", 9)), 90U);
  EXPECT_EQ(delivered_after("metadata-garbage", "reset by an operator on Tuesday"), 90U);
}

// As after an unclean election, or where the topic was made anew: what is written later at the
// finished offsets is other records.
TEST(MetadataOfOthers, IsIgnoredWhereTheLogEndsBelowWhatItSaysIsFinished) {
  const auto text = [](const std::string& topic) {
    return commit::encode({cluster_id(), topic, 0}, 10, {{15, 20}, {40, 50}}).text;
  };
  std::string log;
  EXPECT_EQ(delivered_after("metadata-truncated", text("metadata-truncated"), 49, &log), 90U);
  EXPECT_THAT(log, HasSubstr("finished_records_forgotten"));
  EXPECT_THAT(log, HasSubstr("metadata-truncated"));
  EXPECT_EQ(delivered_after("metadata-whole", text("metadata-whole"), 50, &log), 90U - 15U);
  EXPECT_THAT(log, testing::Not(HasSubstr("finished_records_forgotten")));
}

// It is committed at once that nothing is finished: when the next owner looks, the log is longer.
TEST(MetadataOfOthers, IsForgottenForTheNextOwnerToo) {
  const std::string topic = "metadata-forgotten";
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1);
  produce_numbered(broker, topic, 1, 30);
  commit_with_metadata(topic, 10, commit::encode({cluster_id(), topic, 0}, 10, {{40, 50}}).text);
  RecordingApi api([](const auto&, const auto&) { return Reply{.status = 503}; });
  const std::string yaml = FlowConfig(broker)
                               .top("instance_id: " + topic)  // so that a successor need not wait
                               .target("api", api.url())
                               .pipeline("p", topic, "order: none, batch: {max_records: 7}")
                               .yaml();
  std::optional<SluiceProcess> sluice(yaml);
  const auto commits = [&] { return sum_of(*sluice, "sluice_commits_total", {}); };
  EXPECT_TRUE(eventually([&] { return commits() > 0; }, seconds(20))) << sluice->log();
  sluice->signal(SIGKILL);
  ASSERT_TRUE(sluice->wait(seconds(10)));
  produce_numbered(broker, topic, 1, 70, 30);
  api.answer_with(RecordingApi::take_all());
  sluice.emplace(yaml);
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(20))) << sluice->log();
  EXPECT_EQ(api.distinct(), 90U);
}

// It takes none of the texts that tell what is finished beyond the record that stands still.
TEST(SmallMetadata, OfABrokerIsKeptTo) {
  KafkaBroker broker(std::map<std::string, std::string>{{"offset.metadata.max.bytes", "20"}});
  broker.create_topic("small", 1);
  produce_numbered(broker, "small", 1, 200);
  const std::string bad = record_id("small", 0, 1);
  RecordingApi api([bad](const auto& /*request*/, const std::vector<std::string>& ids) {
    return ids == std::vector{bad} ? Reply{.fault = Fault::hang} : Reply{};
  });
  const std::string yaml = FlowConfig(broker)
                               .top("instance_id: small")  // so that a successor need not wait
                               .target("api", api.url(), "timeout: 60s, concurrency: {min: 4}")
                               .pipeline("p", "small", "order: none, batch: {max_records: 1}")
                               .yaml();
  std::optional<SluiceProcess> sluice(yaml);
  const auto limited = [&] {
    return sluice->log().find("commit_metadata_limited") != std::string::npos;
  };
  EXPECT_TRUE(eventually(limited, seconds(10))) << sluice->log();
  EXPECT_TRUE(wait_for_state(*sluice, "p", "awaiting_answer", seconds(15))) << sluice->status();
  EXPECT_EQ(sum_of(*sluice, "sluice_commit_failures_total", {}), 1);
  sluice->signal(SIGKILL);
  ASSERT_TRUE(sluice->wait(seconds(10)));
  api.answer_with(RecordingApi::take_all());
  sluice.emplace(yaml);
  EXPECT_TRUE(wait_for_commits(broker, "small", seconds(20))) << sluice->log();
  EXPECT_EQ(api.distinct(), 200U);
  EXPECT_LE(repeats(api), 8U) << "what does not fit was never counted as confirmed";
}

}  // namespace
}  // namespace sluice::test
